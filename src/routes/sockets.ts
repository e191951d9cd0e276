import { createRoute, z } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { ticketOwner } from "../auth/ticket.ts";
import type { Identity } from "../domain/identity.ts";
import { limitAddress } from "../middleware/address-limit.ts";
import type { AppEnv } from "../middleware/app-env.ts";
import { callerOf } from "../middleware/authenticate.ts";
import { userObject } from "../middleware/objects.ts";
import { RefusalError, refuse, unwrap } from "../middleware/refusal-error.ts";
import { REQUEST_ID_HEADER } from "../middleware/request-id.ts";
import { refusalSchema } from "../protocol/errors.ts";
import { conversationIdSchema } from "../protocol/ids.ts";
import { type SocketQuery, socketQuerySchema } from "../protocol/socket-query.ts";
import { UPGRADE_HEADER, type Upgrade } from "../protocol/upgrade.ts";
import { createRouter, problem } from "./router.ts";

export const socketRoutes = createRouter();

const requireUpgrade = createMiddleware<AppEnv>(async (c, next) => {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") throw refuse("upgrade_required");
  await next();
});

const upgrade = {
  method: "get" as const,
  tags: ["Connecting"],
  middleware: [requireUpgrade, limitAddress("connection")],
  responses: { 101: { description: "The socket is open; `CONNECTED` follows" }, default: problem },
};

socketRoutes.openapi(
  createRoute({
    ...upgrade,
    path: "/ws",
    summary: "Device socket: everything of one user on one device",
    request: { query: socketQuerySchema },
  }),
  async (c) => {
    const query = c.req.valid("query");
    const identity = await proveIdentity(c.env, query);
    c.set("user_id", identity.user_id);
    const session = describeUpgrade(query, identity, c.var.request_id);
    return forwardUpgrade(c.req.raw, c.env.USERS.getByName(identity.user_id), session);
  },
);

socketRoutes.openapi(
  createRoute({
    ...upgrade,
    path: "/ws/conversations/{conversation_id}",
    summary: "Conversation socket: one conversation, by the shortest path",
    request: { params: z.object({ conversation_id: conversationIdSchema }), query: socketQuerySchema },
  }),
  async (c) => {
    const query = c.req.valid("query");
    const { conversation_id } = c.req.valid("param");
    const identity = await proveIdentity(c.env, query);
    c.set("user_id", identity.user_id);
    const session = describeUpgrade(query, identity, c.var.request_id);
    const user = userObject(c.env, identity.user_id);
    const admitted = unwrap(await user.admitConversationSocket(session.identity, conversation_id));
    const conversation = c.env.CONVERSATIONS.getByName(conversation_id);
    return forwardUpgrade(c.req.raw, conversation, { ...session, conversation_id, ...admitted });
  },
);

/** Who is connecting, by ticket or token. A bad one ends the request with 401. */
async function proveIdentity(env: Env, query: SocketQuery): Promise<Identity> {
  if (query.ticket !== undefined) {
    const owner = ticketOwner(query.ticket);
    const identity = owner === null ? null : await userObject(env, owner).redeemTicket(query.ticket);
    if (!identity) throw refuse("unauthenticated", "The ticket is unknown, expired or used");
    return identity;
  }
  if (query.token !== undefined) return (await callerOf(env, query.token)).identity;
  throw refuse("unauthenticated", "Connect with a ticket or a token");
}

function describeUpgrade(query: SocketQuery, identity: Identity, request_id: string): Upgrade {
  return {
    // A session may name another device of its own user: two windows of one login are two devices (DLV-2).
    identity: { ...identity, device_id: query.device_id ?? identity.device_id },
    platform: query.platform ?? null,
    last_sync_id: query.last_sync_id ?? null,
    batch: query.batch === "1",
    request_id,
  };
}

/**
 * Hands the upgrade to an object. Who is connecting travels in one header that is made here; of the client's own headers
 * only those of the handshake go along, so nobody can say in them who they are.
 */
async function forwardUpgrade(
  request: Request,
  object: Pick<Fetcher, "fetch">,
  session: Upgrade,
): Promise<Response> {
  const headers = new Headers({ [UPGRADE_HEADER]: JSON.stringify(session) });
  for (const [name, value] of request.headers) {
    if (name === "upgrade" || name.startsWith("sec-websocket-")) headers.set(name, value);
  }
  const reply = await object.fetch(new Request("https://object.internal/", { headers }));
  if (!reply.webSocket) throw new RefusalError(refusalSchema.parse(await reply.json()));
  const opened = new Headers(reply.headers);
  opened.set(REQUEST_ID_HEADER, session.request_id);
  return new Response(null, { status: 101, webSocket: reply.webSocket, headers: opened });
}
