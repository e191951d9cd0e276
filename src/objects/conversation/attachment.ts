import { z } from "zod";
import {
  deviceIdSchema,
  positionSchema,
  sessionIdSchema,
  timestampSchema,
  userIdSchema,
} from "../../protocol/ids.ts";

/**
 * What a conversation socket remembers across hibernation and deploys; versioned, since old snapshots come back.
 * `served_seq`: every member's object had the log up to there. It says so only to who wakes from sleep, for a crash takes
 * the sockets with it; that is what makes it worth believing, and it costs no row.
 */
export const conversationSocketSchema = z.object({
  v: z.literal(1),
  user_id: userIdSchema,
  session_id: sessionIdSchema,
  device_id: deviceIdSchema,
  batch: z.boolean(),
  connected_at: timestampSchema,
  active_at: timestampSchema,
  served_seq: positionSchema.default(0),
});
export type ConversationSocket = z.infer<typeof conversationSocketSchema>;
