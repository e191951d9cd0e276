import { createRoute } from "@hono/zod-openapi";
import { hashPassword, needsRehash, verifyNothing, verifyPassword } from "../../auth/password-hash.ts";
import { hashToken } from "../../auth/refresh-token.ts";
import { type Database, openDatabase } from "../../db/client.ts";
import { insertSession } from "../../db/sessions.ts";
import { accountOf, findUserByLogin, nameKey, type UserRow, updatePasswordHash } from "../../db/users.ts";
import { userObject } from "../../middleware/objects.ts";
import { refuse } from "../../middleware/refusal-error.ts";
import { loginRequestSchema, signedInSchema } from "../../protocol/session.ts";
import { answer, body, createRouter, problem } from "../router.ts";
import { hashing } from "./hashing.ts";
import { deliverTokens, prepareSession } from "./issue-tokens.ts";
import { provePassword } from "./prove-password.ts";

export const loginRoutes = createRouter();

loginRoutes.openapi(
  createRoute({
    method: "post",
    path: "/auth/login",
    tags: ["Auth"],
    summary: "Sign in with user name or e-mail address",
    request: { body: body(loginRequestSchema) },
    responses: { 200: answer(signedInSchema, "The account and its tokens"), default: problem },
  }),
  async (c) => {
    const { username, password, device, use_cookie } = c.req.valid("json");
    const db = openDatabase(c.env.DB);
    const user = await findUserByLogin(db, username);
    // Counted by what was typed: counted by user, a name and an address that share a limit would give each other away.
    const account = await hashToken(`login:${nameKey(username)}`);
    // One text and the same time, whether the name or the password was wrong.
    await provePassword(c, account, async () =>
      user ? verifyPassword(password, user.password_hash) : verifyNothing(password),
    );
    if (!user) throw refuse("invalid_credentials");
    if (user.suspended_at !== null) throw refuse("account_suspended");
    const now = Date.now();
    const password_hash = await raiseHashCost(db, user, password, now);
    const { session, tokens } = await prepareSession(c.env, user, device, now);
    // Hashing takes its time: meanwhile the password may have changed, or the user have been suspended.
    if (!(await insertSession(db, session, password_hash))) throw refuse("invalid_credentials");
    const { status_text } = await userObject(c.env, user.user_id).presence();
    return c.json({ ...deliverTokens(c, tokens, use_cookie), user: accountOf(user, status_text) }, 200);
  },
);

/** The password is at hand only now: hash it anew if the parameters have risen since. Answers the hash now stored. */
async function raiseHashCost(db: Database, user: UserRow, password: string, now: number): Promise<string> {
  if (!needsRehash(user.password_hash)) return user.password_hash;
  const stronger = await hashing(() => hashPassword(password));
  const raised = await updatePasswordHash(db, user, stronger, now);
  // Another sign-in was first, or the password changed: whoever comes again is told which.
  if (raised.length === 0) throw refuse("unavailable");
  return stronger;
}
