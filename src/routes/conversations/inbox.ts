import { createRoute, z } from "@hono/zod-openapi";
import { openDatabase } from "../../db/client.ts";
import { findContacts } from "../../db/contacts.ts";
import { findPeersNamed } from "../../db/peers.ts";
import { type UserRow, userOf } from "../../db/users.ts";
import { isDependencyFault } from "../../middleware/faults.ts";
import { userObject } from "../../middleware/objects.ts";
import { demand, RefusalError, unwrap } from "../../middleware/refusal-error.ts";
import { withinTime } from "../../middleware/time-limit.ts";
import type { StoredInboxRow } from "../../objects/user/rpc.ts";
import { errorFields, log } from "../../observability/log.ts";
import { type InboxRow, inboxRowSchema } from "../../protocol/conversation.ts";
import { conversationIdSchema } from "../../protocol/ids.ts";
import { inboxQuerySchema, inboxSettingsSchema } from "../../protocol/inbox.ts";
import { pageSchema } from "../../protocol/page.ts";
import { answer, body, createRouter, identified, problem } from "../router.ts";

export const inboxRoutes = createRouter();

inboxRoutes.openapi(
  createRoute({
    ...identified,
    method: "get",
    path: "/conversations",
    tags: ["Conversations"],
    summary: "The caller's inbox, newest activity first",
    request: { query: inboxQuerySchema },
    responses: { 200: answer(pageSchema(inboxRowSchema), "Inbox rows"), default: problem },
  }),
  async (c) => {
    const { identity } = c.var.caller;
    const { q, archived, requests, ...query } = c.req.valid("query");
    const inbox = userObject(c.env, identity.user_id);
    // Admitted before the database is asked for anything.
    if (q !== undefined) demand(await inbox.admit(identity, "request"));
    const named = q === undefined ? undefined : { q, peer_ids: await findNamed(c.env, identity.user_id, q) };
    const filter = { archived: flag(archived), requests: flag(requests), named };
    const page = unwrap(await inbox.listInbox(identity, { ...query, ...filter }));
    const peers = await peersIn(c.env, identity.user_id, page.items);
    return c.json(
      { items: page.items.map((row) => inboxRow(row, peers)), next_cursor: page.next_cursor },
      200,
    );
  },
);

inboxRoutes.openapi(
  createRoute({
    ...identified,
    method: "put",
    path: "/conversations/{conversation_id}/settings",
    tags: ["Conversations"],
    summary:
      "Mute, pin, archive a conversation or mark it unread, for the caller alone; what is left out stays",
    request: { params: z.object({ conversation_id: conversationIdSchema }), body: body(inboxSettingsSchema) },
    responses: { 200: answer(inboxRowSchema, "The inbox row"), default: problem },
  }),
  async (c) => {
    const { identity } = c.var.caller;
    const { conversation_id } = c.req.valid("param");
    const inbox = userObject(c.env, identity.user_id);
    const row = unwrap(await inbox.changeSettings(identity, conversation_id, c.req.valid("json")));
    return c.json(inboxRow(row, await peersIn(c.env, identity.user_id, [row])), 200);
  },
);

inboxRoutes.openapi(
  createRoute({
    ...identified,
    method: "post",
    path: "/conversations/{conversation_id}/accept",
    tags: ["Conversations"],
    summary: "Take on a conversation that a stranger began; answering there does the same",
    request: { params: z.object({ conversation_id: conversationIdSchema }) },
    responses: { 204: { description: "Accepted, now or before" }, default: problem },
  }),
  async (c) => {
    const { identity } = c.var.caller;
    const { conversation_id } = c.req.valid("param");
    demand(await userObject(c.env, identity.user_id).acceptRequest(identity, conversation_id));
    return c.body(null, 204);
  },
);

function flag(text: "true" | "false" | undefined): boolean | undefined {
  return text === undefined ? undefined : text === "true";
}

/** How long the inbox waits for the profiles. */
const PROFILES_LIMIT_MS = 2_000;

type Peer = NonNullable<InboxRow["peer"]>;

/** Profiles of all peers in one query; of who has blocked the caller only what it knew it by. */
async function peersIn(
  env: Env,
  user_id: string,
  rows: readonly StoredInboxRow[],
): Promise<ReadonlyMap<string, Peer>> {
  const peer_ids = rows.flatMap((row) => (row.peer_id === null ? [] : [row.peer_id]));
  if (peer_ids.length === 0) return new Map();
  const peers = await askProfiles(() => findContacts(openDatabase(env.DB), user_id, peer_ids));
  return new Map(peers.map(({ user, hides }) => [user.user_id, hides ? nameOnly(user) : userOf(user)]));
}

function nameOnly({ user_id, username }: UserRow): Peer {
  return { user_id, username };
}

/** Whom of its peers the caller may mean. */
function findNamed(env: Env, user_id: string, q: string): Promise<readonly string[]> {
  return askProfiles(() => findPeersNamed(openDatabase(env.DB), user_id, q));
}

/** While D1 is down, or too slow, the inbox goes on without the profiles. */
async function askProfiles<T>(query: () => Promise<T[]>): Promise<T[]> {
  try {
    return await withinTime(query(), PROFILES_LIMIT_MS);
  } catch (error) {
    if (!(error instanceof RefusalError) && !isDependencyFault(error)) throw error;
    log("warn", "inbox without profiles", errorFields(error));
    return [];
  }
}

function inboxRow({ peer_id, ...row }: StoredInboxRow, peers: ReadonlyMap<string, Peer>): InboxRow {
  if (peer_id === null) return row;
  return { ...row, peer: peers.get(peer_id) ?? { user_id: peer_id } };
}
