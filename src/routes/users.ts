import { createRoute, z } from "@hono/zod-openapi";
import { openDatabase } from "../db/client.ts";
import { accountOf, findUser, searchUsers, updateProfile, userOf } from "../db/users.ts";
import { refuse } from "../middleware/refusal-error.ts";
import { userIdSchema } from "../protocol/ids.ts";
import { pageSchema } from "../protocol/page.ts";
import { accountSchema, profileUpdateSchema, userSchema, userSearchQuerySchema } from "../protocol/user.ts";
import { decodeCursor, pageOf } from "./cursor.ts";
import { answer, body, createRouter, problem, signedIn } from "./router.ts";

export const userRoutes = createRouter();

userRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/users/me",
    tags: ["Users"],
    summary: "The caller's own account",
    responses: { 200: answer(accountSchema, "The account"), default: problem },
  }),
  async (c) => {
    const user = await findUser(openDatabase(c.env.DB), c.var.caller.identity.user_id);
    if (!user) throw refuse("unauthenticated");
    return c.json(accountOf(user), 200);
  },
);

userRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "put",
    path: "/users/me",
    tags: ["Users"],
    summary: "Change the caller's profile; what is left out stays",
    request: { body: body(profileUpdateSchema) },
    responses: { 200: answer(accountSchema, "The account"), default: problem },
  }),
  async (c) => {
    const { user_id } = c.var.caller.identity;
    const user = await updateProfile(openDatabase(c.env.DB), user_id, c.req.valid("json"), Date.now());
    if (!user) throw refuse("unauthenticated");
    return c.json(accountOf(user), 200);
  },
);

userRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/users",
    tags: ["Users"],
    summary: "Find users by the beginning of their user name or display name",
    request: { query: userSearchQuerySchema },
    responses: { 200: answer(pageSchema(userSchema), "By user name"), default: problem },
  }),
  async (c) => {
    const { q, cursor, limit } = c.req.valid("query");
    const rows = await searchUsers(openDatabase(c.env.DB), q, decodeCursor(cursor), limit + 1);
    return c.json(
      pageOf(rows, limit, (row) => row.username_key, userOf),
      200,
    );
  },
);

userRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/users/{user_id}",
    tags: ["Users"],
    summary: "A user's profile",
    request: { params: z.object({ user_id: userIdSchema }) },
    responses: { 200: answer(userSchema, "The profile"), default: problem },
  }),
  async (c) => {
    const user = await findUser(openDatabase(c.env.DB), c.req.valid("param").user_id);
    if (!user) throw refuse("not_found", "There is no such user");
    return c.json(userOf(user), 200);
  },
);
