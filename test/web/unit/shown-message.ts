import type { ShownMessage } from "../../../sdk/index.ts";

/** A message as the SDK shows it; the user is "me". */
export function shownMessage(
  seq: number,
  sender_id: string,
  at: number,
  more: Partial<ShownMessage> = {},
): ShownMessage {
  return {
    key: `m${seq}`,
    seq,
    message_id: `id${seq}`,
    conversation_id: "c",
    sender_id,
    message_type: "text",
    content: "",
    reply_to_seq: null,
    metadata: null,
    created_at: at,
    edited_at: null,
    deleted_at: null,
    reactions: [],
    mine: sender_id === "me",
    status: null,
    failure: null,
    ...more,
  };
}
