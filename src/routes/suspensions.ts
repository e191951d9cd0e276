import { createRoute, z } from "@hono/zod-openapi";
import { configOf } from "../config.ts";
import { openDatabase } from "../db/client.ts";
import { liftSuspension, suspendUser } from "../db/suspensions.ts";
import { demandRole } from "../middleware/authenticate.ts";
import { refuse } from "../middleware/refusal-error.ts";
import { log } from "../observability/log.ts";
import { CLOSE } from "../protocol/close-codes.ts";
import { userIdSchema } from "../protocol/ids.ts";
import { closeSessions } from "./auth/close-sessions.ts";
import { createRouter, problem, signedIn } from "./router.ts";

export const suspensionRoutes = createRouter();

const NO_USER = "There is no such user";

const path = "/admin/users/{user_id}/suspension";

const route = {
  ...signedIn,
  tags: ["Operations"],
  request: { params: z.object({ user_id: userIdSchema }) },
};

suspensionRoutes.openapi(
  createRoute({
    ...route,
    method: "put",
    path,
    summary: "Suspend an account and end its sessions; for admins",
    responses: { 204: { description: "Suspended; its sockets close with 4504" }, default: problem },
  }),
  async (c) => {
    demandRole(c.var.caller, "admin");
    const { user_id } = c.req.valid("param");
    const now = Date.now();
    // Named again is what an interrupted request had ended, as long as a socket of it may be open.
    const ended_since = now - configOf(c.env).limits.socket_lifetime_ms;
    const ended = await suspendUser(openDatabase(c.env.DB), user_id, now, ended_since);
    if (!ended) throw refuse("not_found", NO_USER);
    await closeSessions(c.env, user_id, ended, CLOSE.account_suspended);
    log("info", "account suspended", { user_id, by: c.var.caller.identity.user_id });
    return c.body(null, 204);
  },
);

suspensionRoutes.openapi(
  createRoute({
    ...route,
    method: "delete",
    path,
    summary: "Lift the suspension of an account, which may sign in again; for admins",
    responses: { 204: { description: "Not suspended" }, default: problem },
  }),
  async (c) => {
    demandRole(c.var.caller, "admin");
    const { user_id } = c.req.valid("param");
    if (!(await liftSuspension(openDatabase(c.env.DB), user_id))) throw refuse("not_found", NO_USER);
    log("info", "suspension lifted", { user_id, by: c.var.caller.identity.user_id });
    return c.body(null, 204);
  },
);
