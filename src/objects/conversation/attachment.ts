import type { z } from "zod";
import type { Identity } from "../../domain/identity.ts";
import { positionSchema, timestampSchema } from "../../protocol/ids.ts";
import { socketSessionSchema } from "../runtime/socket-session.ts";

/**
 * What a conversation socket remembers. `acked_seq`, `acked_at`: what its device has acknowledged here, and when; it goes to
 * the user's object with the next hand-over, or when the socket closes, so that an ack costs neither a row nor a call.
 * `served_seq`: every member's object had the log up to there. It says so only to who wakes from sleep, for a crash takes
 * the sockets with it; that is what makes it worth believing, and it costs no row.
 */
export const conversationSocketSchema = socketSessionSchema.extend({
  acked_seq: positionSchema,
  acked_at: timestampSchema,
  served_seq: positionSchema.default(0),
});
export type ConversationSocket = z.infer<typeof conversationSocketSchema>;

export function newSession(identity: Identity, batch: boolean, now: number): ConversationSocket {
  const session = { v: 1, ...identity, batch, connected_at: now, active_at: now } as const;
  return { ...session, acked_seq: 0, acked_at: 0, served_seq: 0 };
}
