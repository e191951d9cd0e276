import { z } from "zod";
import { conversationSchema } from "../conversation.ts";
import { conversationIdSchema, positionSchema, seqSchema } from "../ids.ts";
import { messageSchema } from "../message.ts";
import { frameSchema } from "./frame.ts";

export const conversationChangeSchema = z.enum([
  "renamed",
  "settings_changed",
  "member_added",
  "member_removed",
  "role_changed",
  "deleted",
]);

/**
 * Something has happened to a conversation: an entry at `seq`, the conversation as the receiver sees it now, and the system
 * message that tells of it. `sync_id` stands on a device socket.
 */
export const conversationUpdateFrameSchema = frameSchema(
  "CONVERSATION_UPDATE",
  z.object({
    conversation_id: conversationIdSchema,
    seq: seqSchema,
    change: conversationChangeSchema,
    conversation: conversationSchema,
    message: messageSchema,
    sync_id: positionSchema.optional(),
  }),
);
export type ConversationUpdateFrame = z.infer<typeof conversationUpdateFrameSchema>;
