import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import { v7 } from "uuid";
import type { z } from "zod";
import { signAccessToken } from "../../auth/access-token.ts";
import { createRefreshToken, hashToken } from "../../auth/refresh-token.ts";
import { configOf } from "../../config.ts";
import type { NewSession } from "../../db/session-inserts.ts";
import type { UserRow } from "../../db/users.ts";
import type { AppEnv } from "../../middleware/app-env.ts";
import { keyRingOf, tokenRulesOf } from "../../middleware/key-ring.ts";
import { userObject } from "../../middleware/objects.ts";
import type { deviceSchema, Tokens } from "../../protocol/session.ts";

export const REFRESH_COOKIE = "uim_refresh";
const REFRESH_COOKIE_PATH = "/api/auth";

type TokenUser = Pick<UserRow, "user_id" | "username" | "roles">;

/** A refresh token that may take the place of another: `hash` is what is stored of it. */
export async function newRefreshToken(env: Env, now: number) {
  const refresh_token = createRefreshToken();
  const expires_at = now + configOf(env).refresh_token_seconds * 1000;
  return { refresh_token, hash: await hashToken(refresh_token), now, expires_at };
}

/** Tokens for a session that is stored, or about to be. */
export async function tokensFor(
  env: Env,
  user: TokenUser,
  session: { readonly session_id: string; readonly device_id: string },
  refresh_token: string,
  now: number,
): Promise<Tokens> {
  const config = configOf(env);
  const { session_id, device_id } = session;
  const subject = {
    sub: user.user_id,
    username: user.username,
    roles: user.roles,
    sid: session_id,
    did: device_id,
  };
  return {
    access_token: await signAccessToken(keyRingOf(env), tokenRulesOf(config), subject, now),
    refresh_token,
    token_type: "Bearer",
    expires_in: config.access_token_seconds,
    session_id,
    device_id,
  };
}

/**
 * Everything a new session needs but its row in D1. The user's object hears of it first: a device that nobody came to
 * use costs a row there, one that it did not know would miss messages (DLV-1).
 */
export async function prepareSession(
  env: Env,
  user: TokenUser,
  device: z.infer<typeof deviceSchema> = {},
  now: number,
): Promise<{ session: NewSession; tokens: Tokens }> {
  const { device_id = v7(), platform = null, name = null } = device;
  const session_id = v7();
  const { refresh_token, hash, expires_at } = await newRefreshToken(env, now);
  const tokens = await tokensFor(env, user, { session_id, device_id }, refresh_token, now);
  const { user_id } = user;
  await userObject(env, user_id).openSession({ session_id, device_id, platform });
  const session = {
    session_id,
    user_id,
    device_id,
    platform,
    name,
    token_hash: hash,
    created_at: now,
    expires_at,
  };
  return { session, tokens };
}

/** Tokens as they leave: the refresh token in the body or, if asked for, in a cookie that no script can read. */
export function deliverTokens(c: Context<AppEnv>, tokens: Tokens, useCookie: boolean): Tokens {
  const { refresh_token, ...inBody } = tokens;
  if (!useCookie || refresh_token === undefined) return tokens;
  setCookie(c, REFRESH_COOKIE, refresh_token, {
    httpOnly: true,
    secure: true,
    sameSite: "Strict",
    path: REFRESH_COOKIE_PATH,
    maxAge: configOf(c.env).refresh_token_seconds,
  });
  return inBody;
}

export function forgetCookie(c: Context): void {
  deleteCookie(c, REFRESH_COOKIE, { path: REFRESH_COOKIE_PATH, secure: true });
}
