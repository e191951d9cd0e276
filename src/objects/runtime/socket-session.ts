import { z } from "zod";
import { deviceIdSchema, sessionIdSchema, timestampSchema, userIdSchema } from "../../protocol/ids.ts";

/**
 * What every socket remembers of its connection, across hibernation and deploys; objects add their own. Versioned, since
 * old snapshots come back. `active_at`: when its client last did something, to within some seconds; heartbeats are known to
 * the platform.
 */
export const socketSessionSchema = z.object({
  v: z.literal(1),
  user_id: userIdSchema,
  session_id: sessionIdSchema,
  device_id: deviceIdSchema,
  batch: z.boolean(),
  connected_at: timestampSchema,
  active_at: timestampSchema,
});
export type SocketSession = z.infer<typeof socketSessionSchema>;
