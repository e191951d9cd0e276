import { z } from "zod";
import { conversationIdSchema, userIdSchema } from "../ids.ts";
import { frameSchema } from "./frame.ts";

export const clientTypingFrameSchema = frameSchema(
  "TYPING_INDICATOR",
  z.object({ conversation_id: conversationIdSchema, is_typing: z.boolean() }),
);
export type ClientTypingFrame = z.infer<typeof clientTypingFrameSchema>;

/** Somebody types, or no longer does; what is not said again within `expires_in_ms` has ended (TYPE-1). */
export const serverTypingFrameSchema = frameSchema(
  "TYPING_INDICATOR",
  z.object({
    conversation_id: conversationIdSchema,
    user_id: userIdSchema,
    is_typing: z.boolean(),
    expires_in_ms: z.number().int(),
  }),
);
export type ServerTypingFrame = z.infer<typeof serverTypingFrameSchema>;
export type Typing = ServerTypingFrame["payload"];
