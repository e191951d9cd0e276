import { createRoute, z } from "@hono/zod-openapi";
import { openDatabase } from "../../db/client.ts";
import { acceptFriendship, endFriendship, listFriends, requestFriendship } from "../../db/friendships.ts";
import { type UserRow, userOf } from "../../db/users.ts";
import { type Pair, statusFor } from "../../domain/friendship.ts";
import { RefusalError, refuse, unwrap } from "../../middleware/refusal-error.ts";
import { invalidRequest } from "../../protocol/errors.ts";
import { type Friend, friendQuerySchema, friendRequestSchema, friendSchema } from "../../protocol/friend.ts";
import { userIdSchema } from "../../protocol/ids.ts";
import { pageSchema } from "../../protocol/page.ts";
import { pageOf } from "../cursor.ts";
import { answer, body, createRouter, problem, signedIn } from "../router.ts";
import { decodeTimeCursor, timeKeyText } from "../time-cursor.ts";
import { tellPair } from "./tell-pair.ts";

export const friendRoutes = createRouter();

const params = z.object({ user_id: userIdSchema });

friendRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/friends",
    tags: ["Friends"],
    summary: "The caller's friends, or the requests it got or made, newest first",
    request: { query: friendQuerySchema },
    responses: { 200: answer(pageSchema(friendSchema), "Friends or requests"), default: problem },
  }),
  async (c) => {
    const { status, cursor, limit } = c.req.valid("query");
    const { user_id } = c.var.caller.identity;
    const after = decodeTimeCursor(cursor);
    const rows = await listFriends(openDatabase(c.env.DB), user_id, status, after, limit + 1);
    const page = pageOf(
      rows,
      limit,
      ({ user, since }) => timeKeyText({ at: since, id: user.user_id }),
      ({ user, since }): Friend => ({ user: userOf(user), status, since }),
    );
    return c.json(page, 200);
  },
);

friendRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "post",
    path: "/friends",
    tags: ["Friends"],
    summary: "Ask a user to be friends; accepts, if that user has asked already",
    request: { body: body(friendRequestSchema) },
    responses: {
      200: answer(friendSchema, "Asked before, or friends"),
      201: answer(friendSchema, "Asked"),
      default: problem,
    },
  }),
  async (c) => {
    const { user_id } = c.var.caller.identity;
    const other_id = c.req.valid("json").user_id;
    demandOther(user_id, other_id);
    const requested = await requestFriendship(openDatabase(c.env.DB), user_id, other_id, Date.now());
    const { user, pair, changed } = unwrap(requested);
    await tellPair(c.env, user_id, other_id, pair);
    const friend = friendFrom(user_id, user, pair);
    return c.json(friend, changed && friend.status === "outgoing" ? 201 : 200);
  },
);

friendRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "post",
    path: "/friends/{user_id}/accept",
    tags: ["Friends"],
    summary: "Accept a user's request",
    request: { params },
    responses: { 200: answer(friendSchema, "Friends"), default: problem },
  }),
  async (c) => {
    const { user_id } = c.var.caller.identity;
    const other_id = c.req.valid("param").user_id;
    demandOther(user_id, other_id);
    const accepted = await acceptFriendship(openDatabase(c.env.DB), user_id, other_id, Date.now());
    if (accepted?.pair.state !== "friends") throw refuse("not_found", "There is no such request");
    await tellPair(c.env, user_id, other_id, accepted.pair);
    return c.json(friendFrom(user_id, accepted.user, accepted.pair), 200);
  },
);

friendRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "delete",
    path: "/friends/{user_id}",
    tags: ["Friends"],
    summary: "Remove a friend, take back a request, or decline one",
    request: { params },
    responses: { 204: { description: "Nothing is between them" }, default: problem },
  }),
  async (c) => {
    const { user_id } = c.var.caller.identity;
    const other_id = c.req.valid("param").user_id;
    demandOther(user_id, other_id);
    const pair = await endFriendship(openDatabase(c.env.DB), user_id, other_id, Date.now());
    if (pair) await tellPair(c.env, user_id, other_id, pair);
    return c.body(null, 204);
  },
);

function friendFrom(user_id: string, user: UserRow, pair: Pair): Friend {
  const status = statusFor(user_id, pair);
  // Between the statement and here nothing can come: they were one transaction.
  if (status === "none") throw new Error("a friendship that was asked for is none");
  return { user: userOf(user), status, since: pair.since };
}

/** Nobody can befriend or block itself. */
export function demandOther(user_id: string, other_id: string): void {
  if (user_id === other_id)
    throw new RefusalError(invalidRequest([{ path: "user_id", message: "must be another user" }]));
}
