import { z } from "zod";
import type { Identity } from "../../domain/identity.ts";
import { conversationIdSchema, positionSchema, timestampSchema } from "../../protocol/ids.ts";
import { socketSessionSchema } from "../runtime/socket-session.ts";

/**
 * What a device socket remembers. `acked` holds the device's acks that no inbox row carries yet, `acked_at` their times: an
 * ack costs no row, and rides along on the next write.
 */
export const deviceSocketSchema = socketSessionSchema.extend({
  status: z.enum(["online", "away", "busy"]),
  acked: z.record(conversationIdSchema, positionSchema),
  acked_at: z.record(conversationIdSchema, timestampSchema).default({}),
});
export type DeviceSocket = z.infer<typeof deviceSocketSchema>;

/** An attachment may have 16 KiB; with more conversations than this the acks go into their rows. */
export const MAX_ACKED_CONVERSATIONS = 100;

export function newSession(identity: Identity, batch: boolean, now: number, active_at: number): DeviceSocket {
  const session = { v: 1, ...identity, batch, connected_at: now, active_at } as const;
  return { ...session, status: "online", acked: {}, acked_at: {} };
}
