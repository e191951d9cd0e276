import { z } from "zod";
import {
  conversationIdSchema,
  deviceIdSchema,
  positionSchema,
  sessionIdSchema,
  timestampSchema,
  userIdSchema,
} from "../../protocol/ids.ts";

/**
 * What a device socket remembers across hibernation and deploys; versioned, since old snapshots come back. `acked` holds
 * the device's acks that no inbox row carries yet, `acked_at` their times: an ack costs no row, and rides along on the
 * next write.
 */
export const deviceSocketSchema = z.object({
  v: z.literal(1),
  user_id: userIdSchema,
  session_id: sessionIdSchema,
  device_id: deviceIdSchema,
  batch: z.boolean(),
  connected_at: timestampSchema,
  active_at: timestampSchema,
  status: z.enum(["online", "away", "busy"]),
  acked: z.record(conversationIdSchema, positionSchema),
  acked_at: z.record(conversationIdSchema, timestampSchema).default({}),
});
export type DeviceSocket = z.infer<typeof deviceSocketSchema>;

/** An attachment may have 16 KiB; with more conversations than this the acks go into their rows. */
export const MAX_ACKED_CONVERSATIONS = 100;
