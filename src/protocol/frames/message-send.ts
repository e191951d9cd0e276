import type { z } from "zod";
import { conversationIdSchema } from "../ids.ts";
import { messageDraftSchema } from "../message.ts";
import { frameSchema } from "./frame.ts";

export const messageSendFrameSchema = frameSchema(
  "MESSAGE_SEND",
  messageDraftSchema.extend({ conversation_id: conversationIdSchema }),
);
export type MessageSendFrame = z.infer<typeof messageSendFrameSchema>;
