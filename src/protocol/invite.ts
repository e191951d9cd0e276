import { z } from "zod";
import { conversationIdSchema, timestampSchema, userIdSchema } from "./ids.ts";

export const inviteCodeSchema = z.string().max(128).describe("Code of an invitation");

/** A year. */
const MAX_EXPIRES_SECONDS = 31_536_000;

export const inviteRequestSchema = z
  .object({
    expires_in: z
      .number()
      .int()
      .min(1)
      .max(MAX_EXPIRES_SECONDS)
      .nullable()
      .default(604_800)
      .describe("Seconds"),
    max_uses: z.number().int().min(1).max(100_000).nullable().default(null),
  })
  .meta({ id: "InviteRequest" });
export type InviteRequest = z.infer<typeof inviteRequestSchema>;

/** An invitation to a group; `null`: without an end. */
export const inviteSchema = z
  .object({
    code: inviteCodeSchema,
    conversation_id: conversationIdSchema,
    created_by: userIdSchema,
    created_at: timestampSchema,
    expires_at: timestampSchema.nullable(),
    max_uses: z.number().int().nullable(),
    uses: z.number().int(),
  })
  .meta({ id: "Invite" });
export type Invite = z.infer<typeof inviteSchema>;

/** What whoever holds a code may know of the group before it joins. */
export const invitePreviewSchema = z
  .object({
    conversation_id: conversationIdSchema,
    name: z.string(),
    avatar_url: z.string().nullable(),
    member_count: z.number().int(),
    is_member: z.boolean().describe("The caller is in the group already"),
  })
  .meta({ id: "InvitePreview" });
export type InvitePreview = z.infer<typeof invitePreviewSchema>;
