import type { z } from "zod";
import { positionSchema } from "../../protocol/ids.ts";
import { socketSessionSchema } from "../runtime/socket-session.ts";

/**
 * What a conversation socket remembers. `served_seq`: every member's object had the log up to there. It says so only to who
 * wakes from sleep, for a crash takes the sockets with it; that is what makes it worth believing, and it costs no row.
 */
export const conversationSocketSchema = socketSessionSchema.extend({
  served_seq: positionSchema.default(0),
});
export type ConversationSocket = z.infer<typeof conversationSocketSchema>;
