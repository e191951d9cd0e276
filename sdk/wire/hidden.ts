import { z } from "zod";
import { frameSchema } from "../../src/protocol/frames/frame.ts";
import { conversationIdSchema, messageIdSchema, seqSchema } from "../../src/protocol/ids.ts";

/** The user has deleted a message for itself, on whichever device. */
export const messageHiddenFrameSchema = frameSchema(
  "MESSAGE_HIDDEN",
  z.object({ conversation_id: conversationIdSchema, message_id: messageIdSchema, seq: seqSchema }),
);

/** A message that its user has deleted for itself keeps its place where entries are pushed, and says nothing. */
export function isHidden(message: object): boolean {
  return "hidden" in message && message.hidden === true;
}
