import { createRoute, z } from "@hono/zod-openapi";
import { decodeInviteCode } from "../../domain/invites.ts";
import type { Result } from "../../domain/result.ts";
import { conversationObject, userObject } from "../../middleware/objects.ts";
import { refuse, unwrap } from "../../middleware/refusal-error.ts";
import { conversationSchema } from "../../protocol/conversation.ts";
import { conversationIdSchema } from "../../protocol/ids.ts";
import {
  inviteCodeSchema,
  invitePreviewSchema,
  inviteRequestSchema,
  inviteSchema,
} from "../../protocol/invite.ts";
import { answer, body, createRouter, problem, signedIn } from "../router.ts";

export const inviteRoutes = createRouter();

const params = z.object({ conversation_id: conversationIdSchema });
const path = "/conversations/{conversation_id}/invites";

inviteRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "post",
    path,
    tags: ["Invitations"],
    summary: "Invite to a group by a code",
    request: { params, body: body(inviteRequestSchema) },
    responses: { 201: answer(inviteSchema, "The invitation"), default: problem },
  }),
  async (c) => {
    const conversation = conversationObject(c.env, c.req.valid("param").conversation_id);
    const request = c.req.valid("json");
    const secret = crypto.randomUUID().replaceAll("-", "");
    const { user_id } = c.var.caller.identity;
    const [invite] = unwrap(await conversation.manageInvites(user_id, { kind: "create", request, secret }));
    if (!invite) throw new Error("an invitation that was made is answered");
    return c.json(invite, 201);
  },
);

inviteRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path,
    tags: ["Invitations"],
    summary: "The open invitations to a group, the newest first",
    request: { params },
    responses: {
      200: answer(z.object({ items: z.array(inviteSchema) }), "Invitations"),
      default: problem,
    },
  }),
  async (c) => {
    const conversation = conversationObject(c.env, c.req.valid("param").conversation_id);
    const { user_id } = c.var.caller.identity;
    return c.json({ items: unwrap(await conversation.manageInvites(user_id, { kind: "list" })) }, 200);
  },
);

inviteRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "delete",
    path: `${path}/{code}`,
    tags: ["Invitations"],
    summary: "Revoke an invitation",
    request: { params: params.extend({ code: inviteCodeSchema }) },
    responses: { 204: { description: "Revoked" }, default: problem },
  }),
  async (c) => {
    const { conversation_id, code } = c.req.valid("param");
    const conversation = conversationObject(c.env, conversation_id);
    // A code of another group is none of this one.
    const { secret = "" } = decodeInviteCode(code) ?? {};
    unwrap(await conversation.manageInvites(c.var.caller.identity.user_id, { kind: "revoke", secret }));
    return c.body(null, 204);
  },
);

const codeParams = z.object({ code: inviteCodeSchema });

inviteRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/invites/{code}",
    tags: ["Invitations"],
    summary: "The group that an invitation leads to",
    request: { params: codeParams },
    responses: { 200: answer(invitePreviewSchema, "The group, as it is before one joins"), default: problem },
  }),
  async (c) => {
    const { conversation_id, secret } = demandCode(c.req.valid("param").code);
    const { user_id } = c.var.caller.identity;
    const preview = await conversationObject(c.env, conversation_id).previewInvite(user_id, secret);
    return c.json(unwrapInvited(preview), 200);
  },
);

inviteRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "post",
    path: "/invites/{code}/accept",
    tags: ["Invitations"],
    summary: "Join a group by an invitation",
    request: { params: codeParams },
    responses: { 200: answer(conversationSchema, "The group"), default: problem },
  }),
  async (c) => {
    const { conversation_id, secret } = demandCode(c.req.valid("param").code);
    const { caller } = c.var;
    const joining = { user_id: caller.identity.user_id, username: caller.username };
    const user = userObject(c.env, joining.user_id);
    const joined = await user.acceptInvite(conversation_id, joining, secret);
    return c.json(unwrapInvited(joined), 200);
  },
);

function demandCode(code: string) {
  const named = decodeInviteCode(code);
  if (!named) throw refuse("invite_expired");
  return named;
}

/** A code that was made up tells nothing (SEC-2). */
function unwrapInvited<T>(result: Result<T>): T {
  if (!result.ok && result.refusal.code === "conversation_not_found") throw refuse("invite_expired");
  return unwrap(result);
}
