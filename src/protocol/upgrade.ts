import { z } from "zod";
import {
  conversationIdSchema,
  deviceIdSchema,
  positionSchema,
  sessionIdSchema,
  userIdSchema,
} from "./ids.ts";
import { platformSchema } from "./session.ts";

/** The header in which the Worker tells an object who is connecting. It is built there, never taken from a client. */
export const UPGRADE_HEADER = "X-UIM-Session";

/** A verified WebSocket upgrade on its way from the Worker to an object. */
export const upgradeSchema = z.object({
  identity: z.object({ user_id: userIdSchema, session_id: sessionIdSchema, device_id: deviceIdSchema }),
  platform: platformSchema.nullable(),
  last_sync_id: positionSchema.nullable(),
  batch: z.boolean(),
  request_id: z.string(),
  conversation_id: conversationIdSchema.optional(),
  sync_id: positionSchema.optional().describe("The user's, for a conversation socket to tell"),
  read_receipts: z.boolean().optional().describe("Whether the user gives read receipts (DLV-6)"),
});
export type Upgrade = z.infer<typeof upgradeSchema>;
