import type { ForwardedFrom, Message, MessageDraft } from "../protocol/message.ts";

/** What is passed on of a message, and whose it is: who wrote it first, however often it was passed on. */
export interface Forwarding {
  readonly draft: MessageDraft;
  readonly forwarded_from: ForwardedFrom;
}

/** Null for what cannot be passed on: a deleted message says nothing, and what happened to a group happened there. */
export function forward(message: Message, client_message_id: string): Forwarding | null {
  if (message.deleted_at !== null || message.message_type !== "text") return null;
  const { content, metadata, sender_id, created_at } = message;
  return {
    // What it replied to stands in the other conversation.
    draft: { client_message_id, content, message_type: "text", reply_to_seq: null, metadata },
    forwarded_from: message.forwarded_from ?? { user_id: sender_id, created_at },
  };
}
