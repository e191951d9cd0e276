import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import { hashToken } from "../../auth/refresh-token.ts";
import { type Database, openDatabase } from "../../db/client.ts";
import { endSession, findRefreshToken, repeatRotation, rotateRefreshToken } from "../../db/sessions.ts";
import type { Result } from "../../domain/result.ts";
import type { AppEnv } from "../../middleware/app-env.ts";
import { keyRingOf } from "../../middleware/key-ring.ts";
import { RefusalError, refuse } from "../../middleware/refusal-error.ts";
import { refreshRequestSchema, tokensSchema } from "../../protocol/session.ts";
import { answer, body, createRouter, problem } from "../router.ts";
import { closeSessions } from "./close-sessions.ts";
import { deliverTokens, forgetCookie, newRefreshToken, REFRESH_COOKIE, tokensFor } from "./issue-tokens.ts";

export const refreshRoutes = createRouter();

refreshRoutes.openapi(
  createRoute({
    method: "post",
    path: "/auth/refresh",
    tags: ["Auth"],
    summary: "Exchange a refresh token, once, for a new pair",
    request: { body: { ...body(refreshRequestSchema), required: false } },
    responses: { 200: answer(tokensSchema, "New tokens"), default: problem },
  }),
  async (c) => {
    const { refresh_token: fromBody, device_id, use_cookie } = c.req.valid("json");
    const fromCookie = getCookie(c, REFRESH_COOKIE);
    const presented = fromBody ?? fromCookie;
    if (!presented) throw refuse("unauthenticated", "Send the refresh token, in the body or as a cookie");
    // A token that came in a cookie leaves in one: no script may get to see it.
    const useCookie = use_cookie || fromBody === undefined;
    const db = openDatabase(c.env.DB);
    const now = Date.now();
    // Asked for first: if there is no key to sign with, the token at hand stays good.
    await keyRingOf(c.env).signingKey(now);
    const next = await newRefreshToken(c.env, now);
    const presentedHash = await hashToken(presented);
    let rotated = await rotateRefreshToken(db, presentedHash, next);
    if (device_id !== undefined && isReuse(rotated)) {
      rotated = await repeatRotation(db, presentedHash, device_id, next);
    }
    if (!rotated.ok) {
      if (useCookie) forgetCookie(c);
      if (isReuse(rotated)) await endFamily(c, db, presentedHash, now);
      throw new RefusalError(rotated.refusal);
    }
    const { session, user } = rotated.value;
    const tokens = await tokensFor(c.env, user, session, next.refresh_token, now);
    return c.json(deliverTokens(c, tokens, useCookie), 200);
  },
);

function isReuse(rotated: Result<unknown>): boolean {
  return !rotated.ok && rotated.refusal.code === "refresh_reused";
}

/** Someone holds a copy: nobody can tell who is the thief, so the session ends for both. */
async function endFamily(c: Context<AppEnv>, db: Database, hash: string, now: number): Promise<void> {
  const token = await findRefreshToken(db, hash);
  if (!token) return;
  await endSession(db, token.user_id, token.session_id, now);
  await closeSessions(c.env, token.user_id, [token.session_id]);
}
