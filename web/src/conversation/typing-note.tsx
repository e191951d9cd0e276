import { useName } from "../data/people.ts";
import { useText } from "../text/text.tsx";

/** Who is writing; of two it is clear who. */
export function TypingNote({ typing, isGroup }: { typing: readonly string[]; isGroup: boolean }) {
  const text = useText();
  const name = useName(isGroup ? (typing[0] ?? null) : null);
  const alone = name ? text.isTyping(name) : text.typing;
  return (
    <span className="truncate font-medium text-accent-ink">
      {typing.length > 1 ? text.areTyping(typing.length) : alone}
    </span>
  );
}
