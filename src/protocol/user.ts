import { z } from "zod";
import { conversationIdSchema, timestampSchema, userIdSchema } from "./ids.ts";
import { pageQuerySchema } from "./page.ts";
import { privacySchema, privacyUpdateSchema } from "./privacy.ts";
import { lineSchema, textSchema } from "./text.ts";

export const usernameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_]{3,50}$/, "must be 3 to 50 letters, digits or underscores");

/** The HTML standard's rule for `<input type=email>`, and RFC 5321's length. */
export const emailSchema = z.string().max(254).regex(z.regexes.html5Email, "must be an e-mail address");

export const avatarUrlSchema = z.url({ protocol: /^https$/, hostname: z.regexes.domain }).max(2048);

/** What anyone who is signed in may see of a user. */
export const userSchema = z
  .object({
    user_id: userIdSchema,
    username: usernameSchema,
    display_name: z.string(),
    avatar_url: z.string().nullable(),
    status_text: z.string(),
  })
  .meta({ id: "User" });
export type User = z.infer<typeof userSchema>;

/** What a user sees of its own account. */
export const accountSchema = userSchema
  .extend({
    email: emailSchema,
    roles: z.array(z.string()),
    created_at: timestampSchema,
    privacy: privacySchema,
  })
  .meta({ id: "Account" });
export type Account = z.infer<typeof accountSchema>;

export const profileUpdateSchema = z
  .object({
    display_name: lineSchema(100),
    avatar_url: avatarUrlSchema.nullable(),
    status_text: textSchema(200),
    privacy: privacyUpdateSchema,
  })
  .partial()
  .meta({ id: "ProfileUpdate" });
export type ProfileUpdate = z.infer<typeof profileUpdateSchema>;

/** Who is looked for: the beginning of a user name or display name; among members, of any word of it. */
export const userSearchQuerySchema = pageQuerySchema.extend({
  q: textSchema(50).min(1),
  conversation_id: conversationIdSchema.optional().describe("Only its members; the caller must be one"),
});

/** Whose profiles are wanted; as many as a large group's screen shows. */
export const userLookupSchema = z
  .object({ user_ids: z.array(userIdSchema).min(1).max(100) })
  .meta({ id: "UserLookup" });

export const presenceStatusSchema = z.enum(["online", "away", "busy", "offline"]);

export const presenceSchema = z
  .object({
    user_id: userIdSchema,
    status: presenceStatusSchema,
    last_seen_at: timestampSchema.nullable(),
    status_text: z.string(),
  })
  .meta({ id: "Presence" });
export type Presence = z.infer<typeof presenceSchema>;
