import { clsx } from "clsx";
import type { ShownMessage } from "../../../sdk/index.ts";
import { useText } from "../text/text.tsx";
import type { MessageCommands } from "./message-commands.ts";

export function Reactions({ message, commands }: { message: ShownMessage; commands: MessageCommands }) {
  const text = useText();
  if (message.reactions.length === 0) return null;
  return (
    <ul aria-label={text.react} className="z-10 -mt-1 flex flex-wrap gap-1 px-2">
      {message.reactions.map(({ emoji, count, mine }) => (
        <li key={emoji}>
          <button
            type="button"
            aria-pressed={mine}
            aria-label={text.reaction(emoji, count)}
            onClick={() => commands.toggleReaction(message, emoji)}
            className={clsx(
              "flex min-h-6 items-center gap-1 rounded-full border px-2 text-sm",
              mine ? "border-accent-ink bg-chosen text-accent-ink" : "border-line bg-raised text-muted",
            )}
          >
            <span aria-hidden>{emoji}</span>
            {count > 1 && <span aria-hidden>{count}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}
