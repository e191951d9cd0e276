import { createMiddleware } from "hono/factory";
import { verifyAccessToken } from "../auth/access-token.ts";
import { configOf } from "../config.ts";
import type { Caller, CallerEnv } from "./app-env.ts";
import { keyRingOf, tokenRulesOf } from "./key-ring.ts";
import { userObject } from "./objects.ts";
import { demand, refuse, unwrap } from "./refusal-error.ts";

/** Longer than any token we sign. */
const MAX_TOKEN_CHARS = 4096;

/** Who an access token speaks for. Throws a RefusalError for one that is not ours or no longer good. */
export async function callerOf(env: Env, token: string): Promise<Caller> {
  const rules = tokenRulesOf(configOf(env));
  const claims = unwrap(await verifyAccessToken(keyRingOf(env), rules, token, Date.now()));
  return {
    identity: { user_id: claims.sub, session_id: claims.sid, device_id: claims.did },
    username: claims.username,
    roles: claims.roles,
  };
}

/**
 * Tells who is calling, from the token alone. Enough only where the call goes to a method of the user's object that asks
 * for the session itself; everywhere else `admit` follows.
 */
export const authenticate = createMiddleware<CallerEnv>(async (c, next) => {
  const token = bearerToken(c.req.header("Authorization"));
  if (token === null) throw refuse("unauthenticated");
  const caller = await callerOf(c.env, token);
  c.set("caller", caller);
  c.set("user_id", caller.identity.user_id);
  await next();
});

/** Asks the user's object whether the session still lives and is within the limits (SEC-1, LIM-1). */
export const admit = createMiddleware<CallerEnv>(async (c, next) => {
  const { identity } = c.var.caller;
  demand(await userObject(c.env, identity.user_id).admit(identity, "request"));
  await next();
});

/** Ends the request of who does not hold `role`. */
export function demandRole(caller: Caller, role: string): void {
  if (!caller.roles.includes(role)) throw refuse("forbidden");
}

/** RFC 6750 §2.1; the scheme is compared without regard to case (RFC 9110 §11.1). */
function bearerToken(header: string | undefined): string | null {
  const [, token] = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(header ?? "") ?? [];
  return token === undefined || token.length > MAX_TOKEN_CHARS ? null : token;
}
