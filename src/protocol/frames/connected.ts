import { z } from "zod";
import {
  conversationIdSchema,
  deviceIdSchema,
  positionSchema,
  sessionIdSchema,
  timestampSchema,
  userIdSchema,
} from "../ids.ts";
import { limitsSchema } from "../limits.ts";
import { frameSchema } from "./frame.ts";

/** First frame on every socket. The conversation's fields stand on a conversation socket. */
export const connectedFrameSchema = frameSchema(
  "CONNECTED",
  z.object({
    protocol: z.literal("uim.v1"),
    user_id: userIdSchema,
    device_id: deviceIdSchema,
    session_id: sessionIdSchema,
    server_time: timestampSchema,
    heartbeat_interval_ms: z.number().int(),
    limits: limitsSchema,
    sync_id: positionSchema.optional(),
    conversation_id: conversationIdSchema.optional(),
    head_seq: positionSchema.optional(),
  }),
);
export type ConnectedFrame = z.infer<typeof connectedFrameSchema>;
