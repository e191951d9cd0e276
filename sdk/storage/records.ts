import { z } from "zod";
import { conversationSchema, inboxRowSchema } from "../../src/protocol/conversation.ts";
import { metadataSchema } from "../../src/protocol/json.ts";
import { messageSchema } from "../../src/protocol/message.ts";

/** Of what is written here. What another version wrote is dropped and fetched anew, but for the outbox. */
export const STORAGE_VERSION = 2;

const seq = z.number().int().min(0);
const rangesSchema = z.array(z.object({ from_seq: seq, to_seq: seq }));

/** Whose the storage is: whoever has signed in last. */
export const metaSchema = z.object({ version: z.number(), user_id: z.string() });

export const storedSyncSchema = z.object({
  /** Null until the inbox was fetched once. */
  last_sync_id: seq.nullable(),
});

export const storedConversationSchema = z.object({
  position: z.object({ base: seq.nullable(), received: rangesSchema, announced_seq: seq }),
  held: rangesSchema,
  hidden: z.array(seq).default([]),
  marks: z.record(z.string(), z.object({ delivered_seq: seq, read_seq: seq })),
  memberships: z.record(z.string(), z.object({ seq, isMember: z.boolean() })),
  hasMemberList: z.boolean(),
  details: conversationSchema.nullable(),
  /** What the user has read, and no inbox row shows yet. */
  wanted_read_seq: seq.nullable(),
});
export type StoredConversation = z.infer<typeof storedConversationSchema>;

export const storedMessageSchema = z.object({ message: messageSchema, version: seq });
export const storedRowSchema = inboxRowSchema;

export const storedOutMessageSchema = z.object({
  client_message_id: z.string(),
  conversation_id: z.string(),
  content: z.string(),
  reply_to_seq: seq.nullable(),
  metadata: z.union([metadataSchema, z.null()]),
  created_at: z.number(),
  position: z.number(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
});

/** The one key that does not begin with a user's id. */
export const META_KEY = "meta";
export const SYNC_KEY = "sync";
export const ROWS = "row/";
export const CONVERSATIONS = "conversation/";
export const MESSAGES = "message/";
export const OUTBOX = "outbox/";

export function messagesOf(conversation_id: string): string {
  return `${MESSAGES}${conversation_id}/`;
}

/** Keys sort as numbers do. */
export function messageKey(conversation_id: string, message_seq: number): string {
  return messagesOf(conversation_id) + String(message_seq).padStart(16, "0");
}
