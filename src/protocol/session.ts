import { z } from "zod";
import { deviceIdSchema, sessionIdSchema, timestampSchema, userIdSchema } from "./ids.ts";
import { lineSchema } from "./text.ts";
import { accountSchema, emailSchema, usernameSchema } from "./user.ts";

export const platformSchema = z.enum(["web", "ios", "android", "desktop", "cli", "bot"]);
export type Platform = z.infer<typeof platformSchema>;

export const deviceSchema = z
  .object({ device_id: deviceIdSchema, platform: platformSchema, name: lineSchema(100) })
  .partial()
  .meta({ id: "Device" });

/** Its strength is judged by `auth/password-policy.ts`; here only its length (characters). */
export const newPasswordSchema = z.string().min(8).max(128);

export const registerRequestSchema = z
  .object({
    username: usernameSchema,
    email: emailSchema,
    password: newPasswordSchema,
    display_name: lineSchema(100).optional(),
    device: deviceSchema.optional(),
    use_cookie: z.boolean().default(false),
  })
  .meta({ id: "RegisterRequest" });
export type RegisterRequest = z.infer<typeof registerRequestSchema>;

export const loginRequestSchema = z
  .object({
    username: z.string().min(1).max(254).describe("User name or e-mail address"),
    password: z.string().min(1).max(128),
    device: deviceSchema.optional(),
    use_cookie: z.boolean().default(false),
  })
  .meta({ id: "LoginRequest" });

export const refreshRequestSchema = z
  .object({
    refresh_token: z.string().max(512).optional().describe("Left out when it comes as a cookie"),
    device_id: deviceIdSchema
      .optional()
      .describe("The session's: it may repeat a refresh whose answer was lost, for an hour"),
    use_cookie: z.boolean().default(false),
  })
  .meta({ id: "RefreshRequest" });

export const passwordChangeSchema = z
  .object({ current_password: z.string().min(1).max(128), new_password: newPasswordSchema })
  .meta({ id: "PasswordChange" });

export const tokensSchema = z
  .object({
    access_token: z.string(),
    refresh_token: z.string().optional().describe("Absent when it was set as a cookie"),
    token_type: z.literal("Bearer"),
    expires_in: z.number().int().describe("Seconds until the access token expires"),
    session_id: sessionIdSchema,
    device_id: deviceIdSchema,
  })
  .meta({ id: "Tokens" });
export type Tokens = z.infer<typeof tokensSchema>;

export const signedInSchema = tokensSchema.extend({ user: accountSchema }).meta({ id: "SignedIn" });

/** Claims of an access token (docs/protocol.md §2), beside `iss` and `aud`. `iat` and `exp` are Unix seconds (RFC 7519 §4.1). */
export const accessClaimsSchema = z.object({
  sub: userIdSchema,
  username: usernameSchema,
  roles: z.array(z.string()),
  sid: sessionIdSchema,
  did: deviceIdSchema,
  iat: z.number().int(),
  exp: z.number().int(),
  jti: z.string(),
});
export type AccessClaims = z.infer<typeof accessClaimsSchema>;

export const sessionSchema = z
  .object({
    session_id: sessionIdSchema,
    device_id: deviceIdSchema,
    platform: platformSchema.nullable(),
    name: z.string().nullable(),
    created_at: timestampSchema,
    last_used_at: timestampSchema,
    current: z.boolean(),
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof sessionSchema>;

/** Answer to `POST /api/connect`: a single-use ticket for one WebSocket upgrade, so that no JWT need stand in a URL. */
export const connectSchema = z
  .object({
    ws_url: z.string(),
    ticket: z.string(),
    expires_in: z.number().int().describe("Seconds until the ticket expires"),
    heartbeat_interval_ms: z.number().int(),
  })
  .meta({ id: "Connect" });
