import { z } from "zod";
import { deviceIdSchema, sessionIdSchema, timestampSchema, userIdSchema } from "../../protocol/ids.ts";

/** What a conversation socket remembers across hibernation and deploys; versioned, since old snapshots come back. */
export const conversationSocketSchema = z.object({
  v: z.literal(1),
  user_id: userIdSchema,
  session_id: sessionIdSchema,
  device_id: deviceIdSchema,
  batch: z.boolean(),
  connected_at: timestampSchema,
  active_at: timestampSchema,
});
export type ConversationSocket = z.infer<typeof conversationSocketSchema>;
