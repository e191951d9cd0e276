import { createRoute, z } from "@hono/zod-openapi";
import { openDatabase } from "../../db/client.ts";
import { endSession, listSessions, type SessionRow } from "../../db/sessions.ts";
import { RefusalError, refuse } from "../../middleware/refusal-error.ts";
import { sessionIdSchema } from "../../protocol/ids.ts";
import { pageSchema } from "../../protocol/page.ts";
import { type Session, sessionSchema } from "../../protocol/session.ts";
import { answer, createRouter, problem, signedIn } from "../router.ts";
import { closeSessions } from "./close-sessions.ts";
import { forgetCookie } from "./issue-tokens.ts";

export const sessionRoutes = createRouter();

/** Whoever has not got the answer and asks again is to keep no cookie either. */
sessionRoutes.use("/auth/logout", async (c, next) => {
  await next();
  if (c.error instanceof RefusalError && c.error.refusal.code === "session_revoked") forgetCookie(c);
});

sessionRoutes.openapi(
  createRoute({
    ...signedIn,
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
    forgetCookie(c);
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
