import { useQuery } from "@tanstack/react-query";
import { useName } from "../data/people.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useText } from "../text/text.tsx";
import { previewOf } from "./preview.ts";

export function PinnedMessages({
  conversation_id,
  onJump,
}: {
  conversation_id: string;
  onJump: (seq: number) => void;
}) {
  const text = useText();
  const { client } = useSignedIn();
  const { data } = useQuery({
    queryKey: ["pins", conversation_id],
    queryFn: () => client.api.pins(conversation_id),
  });
  if (!data || data.items.length === 0) return null;
  return (
    <section className="mt-6">
      <h3 className="mb-2 font-semibold">{text.pinnedMessages}</h3>
      <ul className="flex flex-col gap-1">
        {data.items.map((message) => (
          <li key={message.message_id}>
            <button
              type="button"
              onClick={() => onJump(message.seq)}
              className="block w-full rounded-lg border-l-3 border-accent bg-page px-3 py-1.5 text-left text-sm hover:bg-hover"
            >
              <SenderName user_id={message.sender_id} />
              <span dir="auto" className="line-clamp-2 text-muted">
                {previewOf(message, text)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function SenderName({ user_id }: { user_id: string }) {
  return (
    <span dir="auto" className="block font-medium">
      {useName(user_id)}
    </span>
  );
}
