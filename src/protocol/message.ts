import { z } from "zod";
import { conversationEventSchema } from "./event.ts";
import {
  clientMessageIdSchema,
  conversationIdSchema,
  deviceIdSchema,
  messageIdSchema,
  positionSchema,
  seqSchema,
  timestampSchema,
  userIdSchema,
} from "./ids.ts";
import { metadataSchema } from "./json.ts";
import { cleanTextSchema } from "./text.ts";

export const messageTypeSchema = z.enum(["text", "system"]);

export const reactionSchema = z.object({
  emoji: z.string(),
  count: z.number().int().min(1),
  mine: z.boolean(),
});

/** Whose message was passed on, and when it was written. */
export const forwardedFromSchema = z.object({ user_id: userIdSchema, created_at: timestampSchema });
export type ForwardedFrom = z.infer<typeof forwardedFromSchema>;

/** A message as every client sees it, in history and in frames. */
export const messageSchema = z
  .object({
    message_id: messageIdSchema,
    conversation_id: conversationIdSchema,
    seq: seqSchema,
    sender_id: userIdSchema,
    message_type: messageTypeSchema,
    content: z.string(),
    client_message_id: clientMessageIdSchema.optional(),
    reply_to_seq: seqSchema.nullable(),
    metadata: z.union([metadataSchema, z.null()]),
    created_at: timestampSchema,
    edited_at: timestampSchema.nullable(),
    deleted_at: timestampSchema.nullable(),
    reactions: z.array(reactionSchema),
    mentions: z.array(userIdSchema).optional().describe("Members whom it names; absent if none"),
    pinned_at: timestampSchema.optional().describe("Absent if it is not pinned"),
    forwarded_from: forwardedFromSchema.optional(),
    hidden: z
      .literal(true)
      .optional()
      .describe("The caller has deleted it for itself: it says nothing, and stands for its place only"),
    event: conversationEventSchema.optional().describe("What a system message tells of"),
  })
  .meta({ id: "Message" });
export type Message = z.infer<typeof messageSchema>;

/** What a sender writes, on either transport. Its length is checked against `max_message_chars` when it is admitted. */
export const messageDraftSchema = z
  .object({
    client_message_id: clientMessageIdSchema,
    content: cleanTextSchema.min(1),
    message_type: z.literal("text").default("text"),
    reply_to_seq: seqSchema.nullable().default(null),
    metadata: z.union([metadataSchema, z.null()]).default(null),
  })
  .meta({ id: "MessageDraft" });
export type MessageDraft = z.infer<typeof messageDraftSchema>;

/** How a message is sent over HTTP. */
export const sendingQuerySchema = z.object({
  device_id: deviceIdSchema
    .optional()
    .describe("The caller's device that sends: it is not pushed the message. Without it all devices are"),
});

/** What the sender is told once its message is durable (SEND-1); `duplicate` if it had been sent before (IDEM-1). */
export const sentAckSchema = z
  .object({
    status: z.literal("sent"),
    conversation_id: conversationIdSchema,
    client_message_id: clientMessageIdSchema,
    message_id: messageIdSchema,
    seq: seqSchema,
    created_at: timestampSchema,
    duplicate: z.boolean(),
  })
  .meta({ id: "SentAck" });
export type SentAck = z.infer<typeof sentAckSchema>;

export const messageEditSchema = z
  .object({ content: cleanTextSchema.min(1), metadata: z.union([metadataSchema, z.null()]).optional() })
  .meta({ id: "MessageEdit" });
export type MessageEdit = z.infer<typeof messageEditSchema>;

/** Where a message is to be passed on to, and the new message's idempotency key there. */
export const forwardRequestSchema = z
  .object({ conversation_id: conversationIdSchema, client_message_id: clientMessageIdSchema })
  .meta({ id: "ForwardRequest" });

/** For whom a message is deleted. */
export const deletionQuerySchema = z.object({ for: z.enum(["everybody", "me"]).default("everybody") });

export const historyQuerySchema = z
  .object({
    before_seq: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
    after_seq: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(50),
  })
  .refine((query) => query.before_seq === undefined || query.after_seq === undefined, {
    message: "give before_seq or after_seq, not both",
    path: ["before_seq"],
  });
export type HistoryQuery = z.infer<typeof historyQuerySchema>;

/** How an earlier message has changed. */
export const messageChangeSchema = z.enum(["edited", "deleted", "reaction", "pinned"]);
export type MessageChange = z.infer<typeof messageChangeSchema>;

/** A change of a message: an entry of its own, at `seq`, with the message as it is now. */
export const messageUpdateSchema = z
  .object({
    conversation_id: conversationIdSchema,
    seq: seqSchema,
    message_id: messageIdSchema,
    change: messageChangeSchema,
    message: messageSchema,
  })
  .meta({ id: "MessageUpdate" });
export type MessageUpdate = z.infer<typeof messageUpdateSchema>;

/** One page of a conversation, ascending by `seq`; `has_more` looks in the direction of the query. */
export const historyPageSchema = z
  .object({
    items: z.array(messageSchema),
    updates: z
      .array(messageUpdateSchema)
      .describe(
        "With after_seq: messages from before the page that were changed within it, the last change of each",
      ),
    head_seq: positionSchema,
    has_more: z.boolean().describe("There are messages beyond this page"),
    next_after_seq: positionSchema
      .nullable()
      .describe("With after_seq: from where to read on, updates included; null: this is all up to head_seq"),
  })
  .meta({ id: "HistoryPage" });
export type HistoryPage = z.infer<typeof historyPageSchema>;

export const receiptSchema = z.object({
  user_id: userIdSchema,
  at: timestampSchema.describe("When the member's mark last moved: at this message or after it"),
});

export const receiptsSchema = z
  .object({ sent_at: timestampSchema, delivered: z.array(receiptSchema), read: z.array(receiptSchema) })
  .meta({ id: "Receipts" });
export type Receipts = z.infer<typeof receiptsSchema>;

export const readRequestSchema = z.object({ seq: positionSchema }).meta({ id: "ReadRequest" });

export const messageReadRequestSchema = z
  .object({ conversation_id: conversationIdSchema })
  .meta({ id: "MessageReadRequest" });

export const readResultSchema = z
  .object({ read_seq: positionSchema, unread_count: z.number().int().min(0) })
  .meta({ id: "ReadResult" });
export type ReadResult = z.infer<typeof readResultSchema>;
