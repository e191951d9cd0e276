import { useQuery } from "@tanstack/react-query";
import type { Message } from "../../../sdk/index.ts";
import { useName } from "../data/people.ts";
import { useConversation } from "../data/use-conversation.ts";
import { useSignedIn } from "../shell/context.tsx";
import { useText } from "../text/text.tsx";
import { previewOf } from "./preview.ts";

type Quoted = Pick<Message, "sender_id" | "content" | "deleted_at">;

/** A message by its place: from what is loaded, else from the server. Null: it is not there, or nobody may read it. */
function useMessageAt(conversation_id: string, seq: number): Quoted | null | undefined {
  const { client } = useSignedIn();
  const { messages } = useConversation(conversation_id).snapshot;
  const loaded = messages.find((message) => message.seq === seq);
  const { data } = useQuery({
    queryKey: ["message", conversation_id, seq],
    queryFn: async () => {
      const { items } = await client.api.history(conversation_id, { after_seq: seq - 1, limit: 1 });
      return items.find((message) => message.seq === seq) ?? null;
    },
    enabled: !loaded,
    staleTime: 60_000,
  });
  return loaded ?? data;
}

/** What a message answers. */
export function Quote({
  conversation_id,
  seq,
  onJump,
}: {
  conversation_id: string;
  seq: number;
  onJump: (seq: number) => void;
}) {
  return (
    <button
      type="button"
      onClick={() => onJump(seq)}
      className="my-1 block w-full min-w-0 rounded-lg border-l-3 border-accent bg-page/60 px-2 py-1 text-left text-sm"
    >
      <QuotedLines conversation_id={conversation_id} seq={seq} />
    </button>
  );
}

export function QuotedLines({ conversation_id, seq }: { conversation_id: string; seq: number }) {
  const text = useText();
  const { user_id } = useSignedIn();
  const message = useMessageAt(conversation_id, seq);
  const name = useName(message?.sender_id ?? null);
  return (
    <>
      <span dir="auto" className="block truncate font-semibold text-accent-ink">
        {message?.sender_id === user_id ? text.you : name || "…"}
      </span>
      <span dir="auto" className="block truncate text-muted">
        {message === null ? text.originalGone : message ? previewOf(message, text) : "…"}
      </span>
    </>
  );
}
