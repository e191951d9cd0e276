import { z } from "zod";
import { deviceIdSchema } from "./ids.ts";
import { platformSchema } from "./session.ts";

/** Query of a WebSocket upgrade (docs/protocol.md §3). One of `ticket` and `token` proves who is calling. */
export const socketQuerySchema = z.object({
  ticket: z.string().max(256).optional(),
  token: z.string().max(4096).optional(),
  device_id: deviceIdSchema.optional(),
  platform: platformSchema.optional(),
  last_sync_id: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  batch: z.literal("1").optional(),
});
export type SocketQuery = z.infer<typeof socketQuerySchema>;
