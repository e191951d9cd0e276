import { z } from "zod";
import { userIdSchema } from "./ids.ts";
import { roleSchema } from "./roles.ts";

/** What has happened to a conversation: an entry of the log that is no message, shown in its history as a system message. */
export const conversationEventSchema = z
  .discriminatedUnion("change", [
    z.object({ change: z.literal("renamed"), name: z.string() }),
    z.object({
      change: z.literal("settings_changed"),
      settings: z
        .object({
          description: z.string().nullable(),
          avatar_url: z.string().nullable(),
          history_visible: z.boolean(),
        })
        .partial(),
    }),
    z.object({
      change: z.literal("member_added"),
      user_ids: z.array(userIdSchema),
      by_invite: z.boolean().describe("They came by an invitation"),
    }),
    z.object({
      change: z.literal("member_removed"),
      user_ids: z.array(userIdSchema),
      has_left: z.boolean().describe("They left by themselves"),
    }),
    z.object({ change: z.literal("role_changed"), user_id: userIdSchema, role: roleSchema }),
    z.object({ change: z.literal("deleted") }),
  ])
  .meta({ id: "ConversationEvent" });
export type ConversationEvent = z.infer<typeof conversationEventSchema>;
