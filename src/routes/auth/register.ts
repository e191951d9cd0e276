import { createRoute } from "@hono/zod-openapi";
import { v7 } from "uuid";
import { hashPassword } from "../../auth/password-hash.ts";
import { judgePassword } from "../../auth/password-policy.ts";
import { openDatabase } from "../../db/client.ts";
import { accountOf, findTaken, insertUser, newUserRow } from "../../db/users.ts";
import { RefusalError, refuse, unwrap } from "../../middleware/refusal-error.ts";
import { invalidRequest } from "../../protocol/errors.ts";
import { registerRequestSchema, signedInSchema } from "../../protocol/session.ts";
import { answer, body, createRouter, problem } from "../router.ts";
import { hashing } from "./hashing.ts";
import { deliverTokens, prepareSession } from "./issue-tokens.ts";

export const registerRoutes = createRouter();

registerRoutes.openapi(
  createRoute({
    method: "post",
    path: "/auth/register",
    tags: ["Auth"],
    summary: "Create an account and sign in",
    request: { body: body(registerRequestSchema) },
    responses: { 201: answer(signedInSchema, "The account and its tokens"), default: problem },
  }),
  async (c) => {
    const { username, email, password, display_name = username, device, use_cookie } = c.req.valid("json");
    checkPassword("password", password, { username, email });
    const db = openDatabase(c.env.DB);
    const taken = await findTaken(db, username, email);
    if (taken) throw refuse(taken);
    const now = Date.now();
    const password_hash = await hashing(() => hashPassword(password));
    const user = newUserRow({ user_id: v7(), username, email, password_hash, display_name, created_at: now });
    const { session, tokens } = await prepareSession(c.env, user, device, now);
    unwrap(await insertUser(db, user, session));
    return c.json({ ...deliverTokens(c, tokens, use_cookie), user: accountOf(user, "") }, 201);
  },
);

/** Refuses a weak password, naming the field it came in. */
export function checkPassword(
  path: string,
  password: string,
  owner: { username: string; email: string },
): void {
  const objection = judgePassword(password, owner);
  if (objection) throw new RefusalError(invalidRequest([{ path, message: objection }]));
}
