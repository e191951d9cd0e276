import { z } from "zod";
import { conversationIdSchema, positionSchema, timestampSchema, userIdSchema } from "../ids.ts";
import { sentAckSchema } from "../message.ts";
import { frameSchema } from "./frame.ts";

export const markStatusSchema = z.enum(["delivered", "read"]);
export type MarkStatus = z.infer<typeof markStatusSchema>;

/** A client has received, or its user has read, everything up to `seq`. */
export const clientAckFrameSchema = frameSchema(
  "MESSAGE_ACK",
  z.object({ conversation_id: conversationIdSchema, seq: positionSchema, status: markStatusSchema }),
);
export type ClientAckFrame = z.infer<typeof clientAckFrameSchema>;

/** A member's mark has moved: to the members. */
export const markAckSchema = z.object({
  status: markStatusSchema,
  conversation_id: conversationIdSchema,
  user_id: userIdSchema,
  seq: positionSchema,
  at: timestampSchema,
});
export type MarkAck = z.infer<typeof markAckSchema>;

export const serverAckFrameSchema = frameSchema(
  "MESSAGE_ACK",
  z.discriminatedUnion("status", [sentAckSchema, markAckSchema]),
);
export type ServerAckFrame = z.infer<typeof serverAckFrameSchema>;
