import { z } from "zod";
import { notificationLevelSchema } from "./conversation.ts";
import { timestampSchema } from "./ids.ts";
import { pageQuerySchema } from "./page.ts";
import { lineSchema } from "./text.ts";

/** What a user sets for itself in one conversation; what is left out stays. */
export const inboxSettingsSchema = z
  .object({
    muted_until: timestampSchema.nullable().describe("Silent until then; null: not muted"),
    notifications: notificationLevelSchema,
    pinned: z.boolean(),
    archived: z.boolean(),
    marked_unread: z.boolean(),
  })
  .partial()
  .meta({ id: "InboxSettings" });
export type InboxSettings = z.infer<typeof inboxSettingsSchema>;

const flagSchema = z.enum(["true", "false"]).optional();

/** Which rows of the inbox are listed, and in which order. */
export const inboxQuerySchema = pageQuerySchema.extend({
  q: lineSchema(100).optional().describe("Part of the conversation's name or, of a one-on-one, the peer's"),
  archived: flagSchema.describe("Only archived ones, or none of them; without it, both"),
  requests: flagSchema.describe("Only requests, or none of them; without it, both"),
  sort: z.enum(["activity", "pinned"]).default("activity").describe("`pinned`: pinned ones first"),
});
