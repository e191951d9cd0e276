import { createRoute } from "@hono/zod-openapi";
import { hashPassword, verifyPassword } from "../../auth/password-hash.ts";
import { hashToken } from "../../auth/refresh-token.ts";
import { configOf } from "../../config.ts";
import { openDatabase } from "../../db/client.ts";
import { endOtherSessions } from "../../db/sessions.ts";
import { findUser, updatePasswordHash } from "../../db/users.ts";
import { refuse } from "../../middleware/refusal-error.ts";
import { passwordChangeSchema } from "../../protocol/session.ts";
import { body, createRouter, problem, signedIn } from "../router.ts";
import { closeSessions } from "./close-sessions.ts";
import { hashing } from "./hashing.ts";
import { provePassword } from "./prove-password.ts";
import { checkPassword } from "./register.ts";

export const passwordRoutes = createRouter();

passwordRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "post",
    path: "/auth/password",
    tags: ["Auth"],
    summary: "Change the password and end all other sessions",
    request: { body: body(passwordChangeSchema) },
    responses: { 204: { description: "Changed" }, default: problem },
  }),
  async (c) => {
    const { user_id, session_id } = c.var.caller.identity;
    const { current_password, new_password } = c.req.valid("json");
    const db = openDatabase(c.env.DB);
    const user = await findUser(db, user_id);
    if (!user) throw refuse("unauthenticated");
    checkPassword("new_password", new_password, user);
    const account = await hashToken(`password:${user_id}`);
    await provePassword(c, account, () => verifyPassword(current_password, user.password_hash));
    const password_hash = await hashing(() => hashPassword(new_password));
    // The other sessions end before the password changes: whoever is interrupted between the steps can repeat the
    // request with the password that still holds. `ended_since` names again what an interrupted request had ended: its tokens
    // or its sockets may live still.
    const now = Date.now();
    const { access_token_seconds, limits } = configOf(c.env);
    const ended_since = now - Math.max(access_token_seconds * 1000, limits.socket_lifetime_ms);
    const ended = await endOtherSessions(db, user_id, session_id, now, ended_since);
    await closeSessions(c.env, user_id, idsOf(ended));
    const [changed, late] = await db.batch([
      updatePasswordHash(db, user, password_hash, now),
      endOtherSessions(db, user_id, session_id, now),
    ]);
    // Who signed in with the old password meanwhile.
    await closeSessions(c.env, user_id, idsOf(late));
    if (changed.length === 0) throw refuse("conflict", "The password was changed by someone else just now");
    return c.body(null, 204);
  },
);

function idsOf(sessions: readonly { readonly session_id: string }[]): string[] {
  return sessions.map((session) => session.session_id);
}
