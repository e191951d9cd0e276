import { z } from "zod";

/** This exact text is answered by the platform with {@link HEARTBEAT_PONG_TEXT}, without waking the object. */
export const HEARTBEAT_PING_TEXT = '{"type":"HEARTBEAT_PING"}';
export const HEARTBEAT_PONG_TEXT = '{"type":"HEARTBEAT_PONG"}';

export const heartbeatPingFrameSchema = z.object({
  type: z.literal("HEARTBEAT_PING"),
  request_id: z.string().max(128).optional(),
  timestamp: z.number().optional(),
});

export const heartbeatPongFrameSchema = z.object({
  type: z.literal("HEARTBEAT_PONG"),
  request_id: z.string().max(128).optional(),
  timestamp: z.number().optional(),
});
export type HeartbeatPongFrame = z.infer<typeof heartbeatPongFrameSchema>;
