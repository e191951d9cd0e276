import { z } from "zod";
import { conversationIdSchema, messageIdSchema, positionSchema, seqSchema } from "../ids.ts";
import { frameSchema } from "./frame.ts";

/** The user has deleted a message for itself, on whichever device; `sync_id` stands on a device socket. */
export const messageHiddenFrameSchema = frameSchema(
  "MESSAGE_HIDDEN",
  z.object({
    conversation_id: conversationIdSchema,
    message_id: messageIdSchema,
    seq: seqSchema,
    sync_id: positionSchema.optional(),
  }),
);
export type MessageHiddenFrame = z.infer<typeof messageHiddenFrameSchema>;
