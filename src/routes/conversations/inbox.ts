import { createRoute } from "@hono/zod-openapi";
import { openDatabase } from "../../db/client.ts";
import { findUsers, userOf } from "../../db/users.ts";
import { isDependencyFault } from "../../middleware/faults.ts";
import { userObject } from "../../middleware/objects.ts";
import { RefusalError, unwrap } from "../../middleware/refusal-error.ts";
import { withinTime } from "../../middleware/time-limit.ts";
import type { StoredInboxRow } from "../../objects/user/rpc.ts";
import { errorFields, log } from "../../observability/log.ts";
import { type InboxRow, inboxRowSchema } from "../../protocol/conversation.ts";
import { pageQuerySchema, pageSchema } from "../../protocol/page.ts";
import type { User } from "../../protocol/user.ts";
import { answer, createRouter, identified, problem } from "../router.ts";

export const inboxRoutes = createRouter();

inboxRoutes.openapi(
  createRoute({
    ...identified,
    method: "get",
    path: "/conversations",
    tags: ["Conversations"],
    summary: "The caller's inbox, newest activity first",
    request: { query: pageQuerySchema },
    responses: { 200: answer(pageSchema(inboxRowSchema), "Inbox rows"), default: problem },
  }),
  async (c) => {
    const { identity } = c.var.caller;
    const inbox = userObject(c.env, identity.user_id);
    const page = unwrap(await inbox.listInbox(identity, c.req.valid("query")));
    const peers = await findPeers(c.env, page.items);
    return c.json(
      { items: page.items.map((row) => inboxRow(row, peers)), next_cursor: page.next_cursor },
      200,
    );
  },
);

/** How long the inbox waits for the profiles. */
const PROFILES_LIMIT_MS = 2_000;

/** Profiles of all peers in one query. While D1 is down, or too slow, the inbox goes on without them. */
async function findPeers(env: Env, rows: readonly StoredInboxRow[]): Promise<Map<string, User>> {
  const peer_ids = rows.flatMap((row) => (row.peer_id === null ? [] : [row.peer_id]));
  if (peer_ids.length === 0) return new Map();
  try {
    const users = await withinTime(findUsers(openDatabase(env.DB), peer_ids), PROFILES_LIMIT_MS);
    return new Map(users.map((user) => [user.user_id, userOf(user)]));
  } catch (error) {
    if (!(error instanceof RefusalError) && !isDependencyFault(error)) throw error;
    log("warn", "inbox without profiles", errorFields(error));
    return new Map();
  }
}

function inboxRow({ peer_id, ...row }: StoredInboxRow, peers: ReadonlyMap<string, User>): InboxRow {
  if (peer_id === null) return row;
  return { ...row, peer: peers.get(peer_id) ?? { user_id: peer_id } };
}
