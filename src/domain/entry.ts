import type { Json } from "../protocol/json.ts";
import type { Message } from "../protocol/message.ts";

/**
 * One durable change of a conversation, at its place in the log (docs/protocol.md §1: `seq`). A message's own row also
 * carries its current state, so that history needs no replay.
 */
export interface Entry {
  readonly seq: number;
  readonly kind: "message";
  readonly message_id: string;
  readonly sender_id: string;
  readonly client_message_id: string | null;
  readonly content: string;
  readonly reply_to_seq: number | null;
  readonly metadata: Record<string, Json> | null;
  readonly created_at: number;
  readonly edited_at: number | null;
  readonly deleted_at: number | null;
}

/** A message as it goes over the wire: the JSON of a `Message`, encoded once for everyone who gets it. */
export type MessageText = string;

export function encodeMessage(entry: Entry, conversation_id: string): MessageText {
  return JSON.stringify(messageOf(entry, conversation_id));
}

/** An entry as clients see it. */
export function messageOf(entry: Entry, conversation_id: string): Message {
  return {
    message_id: entry.message_id,
    conversation_id,
    seq: entry.seq,
    sender_id: entry.sender_id,
    message_type: "text",
    content: entry.content,
    ...(entry.client_message_id !== null && { client_message_id: entry.client_message_id }),
    reply_to_seq: entry.reply_to_seq,
    metadata: entry.metadata,
    created_at: entry.created_at,
    edited_at: entry.edited_at,
    deleted_at: entry.deleted_at,
    reactions: [],
  };
}
