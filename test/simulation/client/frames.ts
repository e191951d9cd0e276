import type { ClientFrame } from "../../../src/protocol/frames/client-frame.ts";
import type { OutMessage } from "./outbox.ts";

export function markFrame(conversation_id: string, seq: number, status: "delivered" | "read"): ClientFrame {
  return { type: "MESSAGE_ACK", payload: { conversation_id, seq, status } };
}

export function draftOf<T>(
  { client_message_id, content }: Pick<OutMessage, "client_message_id" | "content">,
  more: T,
) {
  const rest = { message_type: "text" as const, reply_to_seq: null, metadata: null };
  return { client_message_id, content, ...rest, ...more };
}
