import { createRoute, z } from "@hono/zod-openapi";
import { openDatabase } from "../db/client.ts";
import { findContact, findContacts } from "../db/contacts.ts";
import {
  accountOf,
  findUser,
  searchMembers,
  searchUsers,
  type UserRow,
  updateProfile,
  userOf,
} from "../db/users.ts";
import { privacyOf } from "../domain/privacy.ts";
import { conversationObject, userObject } from "../middleware/objects.ts";
import { reach } from "../middleware/reach.ts";
import { refuse, unwrap } from "../middleware/refusal-error.ts";
import { userIdSchema } from "../protocol/ids.ts";
import { pageSchema } from "../protocol/page.ts";
import {
  type Account,
  accountSchema,
  type ProfileUpdate,
  profileUpdateSchema,
  userLookupSchema,
  userSchema,
  userSearchQuerySchema,
} from "../protocol/user.ts";
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
    return c.json(await accountFrom(c.env, user), 200);
  },
);

userRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "put",
    path: "/users/me",
    tags: ["Users"],
    summary: "Change the caller's profile and privacy settings; what is left out stays",
    request: { body: body(profileUpdateSchema) },
    responses: { 200: answer(accountSchema, "The account"), default: problem },
  }),
  async (c) => {
    const { user_id } = c.var.caller.identity;
    return c.json(await updateAccount(c.env, user_id, c.req.valid("json")), 200);
  },
);

userRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/users",
    tags: ["Users"],
    summary: "Find users, or members of a conversation, by the beginning of their names",
    request: { query: userSearchQuerySchema },
    responses: { 200: answer(pageSchema(userSchema), "By user name"), default: problem },
  }),
  async (c) => {
    const { q, conversation_id, cursor, limit } = c.req.valid("query");
    const { user_id } = c.var.caller.identity;
    const db = openDatabase(c.env.DB);
    const search = { viewer_id: user_id, prefix: q, after_key: decodeCursor(cursor), limit: limit + 1 };
    // The directory may lag behind; whether the caller is a member, the conversation knows.
    if (conversation_id !== undefined)
      unwrap(await conversationObject(c.env, conversation_id).describe(user_id));
    const rows = await (conversation_id === undefined
      ? searchUsers(db, search)
      : searchMembers(db, conversation_id, search));
    const page = pageOf(
      rows,
      limit,
      (row) => row.username_key,
      (row) => userOf(row),
    );
    return c.json(page, 200);
  },
);

userRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "post",
    path: "/users/lookup",
    tags: ["Users"],
    summary: "The profiles of several users, but for what they say of themselves",
    request: { body: body(userLookupSchema) },
    responses: {
      200: answer(z.object({ items: z.array(userSchema) }), "Those that there are, in no order"),
      default: problem,
    },
  }),
  async (c) => {
    const { user_ids } = c.req.valid("json");
    const { user_id } = c.var.caller.identity;
    const contacts = await findContacts(openDatabase(c.env.DB), user_id, user_ids);
    return c.json({ items: contacts.flatMap(({ user, hides }) => (hides ? [] : [userOf(user)])) }, 200);
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
    const { user_id } = c.req.valid("param");
    const contact = await findContact(openDatabase(c.env.DB), c.var.caller.identity.user_id, user_id);
    // Who has blocked the caller is not there for it.
    if (!contact || contact.hides) throw refuse("not_found", "There is no such user");
    const { status_text } = await userObject(c.env, user_id).presence();
    return c.json(userOf(contact.user, status_text), 200);
  },
);

async function accountFrom(env: Env, user: UserRow): Promise<Account> {
  const { status_text } = await userObject(env, user.user_id).presence();
  return accountOf(user, status_text);
}

/** D1 first, then what the user's object has to know of it: whoever is interrupted between the two repeats the request. */
async function updateAccount(env: Env, user_id: string, update: ProfileUpdate): Promise<Account> {
  const { status_text, ...profile } = update;
  const db = openDatabase(env.DB);
  const isChange = Object.keys(profile).length > 0;
  const user = await (isChange ? updateProfile(db, user_id, profile, Date.now()) : findUser(db, user_id));
  if (!user) throw refuse("unauthenticated");
  const { privacy, updated_at: version } = user;
  if (profile.privacy) {
    await reach(() => userObject(env, user_id).setPrivacy({ ...privacyOf(privacy), version }));
  }
  if (status_text !== undefined) await reach(() => userObject(env, user_id).setStatusText(status_text));
  return accountFrom(env, user);
}
