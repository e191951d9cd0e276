import { createRoute, z } from "@hono/zod-openapi";
import { getCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { hashToken } from "../../auth/refresh-token.ts";
import { openDatabase } from "../../db/client.ts";
import { endSession, findRefreshToken, listSessions, type SessionRow } from "../../db/sessions.ts";
import type { CallerEnv } from "../../middleware/app-env.ts";
import { admit, authenticate } from "../../middleware/authenticate.ts";
import { RefusalError, refuse } from "../../middleware/refusal-error.ts";
import { sessionIdSchema } from "../../protocol/ids.ts";
import { pageSchema } from "../../protocol/page.ts";
import { type Session, sessionSchema } from "../../protocol/session.ts";
import { answer, createRouter, problem, signedIn } from "../router.ts";
import { closeSessions } from "./close-sessions.ts";
import { forgetCookie, REFRESH_COOKIE } from "./issue-tokens.ts";

export const sessionRoutes = createRouter();

/**
 * Takes the cookie of the session that has ended, also from whoever has not got the answer and asks again; not that of another
 * user who has signed in with the same browser meanwhile.
 */
const forgetItsCookie = createMiddleware<CallerEnv>(async (c, next) => {
  await next();
  const isOver = c.res.ok || (c.error instanceof RefusalError && c.error.refusal.code === "session_revoked");
  const presented = getCookie(c, REFRESH_COOKIE);
  if (!isOver || presented === undefined) return;
  const held = await findRefreshToken(openDatabase(c.env.DB), await hashToken(presented));
  if (!held || held.session_id === c.var.caller.identity.session_id) forgetCookie(c);
});

sessionRoutes.openapi(
  createRoute({
    ...signedIn,
    middleware: [authenticate, forgetItsCookie, admit] as const,
    method: "post",
    path: "/auth/logout",
    tags: ["Auth"],
    summary: "End this session",
    responses: { 204: { description: "Ended; its sockets close with 4501" }, default: problem },
  }),
  async (c) => {
    const { user_id, session_id } = c.var.caller.identity;
    await endSession(openDatabase(c.env.DB), user_id, session_id, Date.now());
    await closeSessions(c.env, user_id, [session_id]);
    return c.body(null, 204);
  },
);

sessionRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/auth/sessions",
    tags: ["Auth"],
    summary: "List the sessions of the caller",
    responses: { 200: answer(pageSchema(sessionSchema), "Youngest use first"), default: problem },
  }),
  async (c) => {
    const { user_id, session_id } = c.var.caller.identity;
    const rows = await listSessions(openDatabase(c.env.DB), user_id, Date.now());
    return c.json({ items: rows.map((row) => sessionOf(row, session_id)), next_cursor: null }, 200);
  },
);

sessionRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "delete",
    path: "/auth/sessions/{session_id}",
    tags: ["Auth"],
    summary: "End a session of the caller",
    request: { params: z.object({ session_id: sessionIdSchema }) },
    responses: { 204: { description: "Ended; its sockets close with 4501" }, default: problem },
  }),
  async (c) => {
    const { user_id } = c.var.caller.identity;
    const { session_id } = c.req.valid("param");
    if (!(await endSession(openDatabase(c.env.DB), user_id, session_id, Date.now()))) {
      throw refuse("not_found", "There is no such session");
    }
    await closeSessions(c.env, user_id, [session_id]);
    return c.body(null, 204);
  },
);

function sessionOf(row: SessionRow, current_id: string): Session {
  const { session_id, device_id, platform, name, created_at, last_used_at } = row;
  const current = session_id === current_id;
  return { session_id, device_id, platform, name, created_at, last_used_at, current };
}
