import { createRoute, z } from "@hono/zod-openapi";
import { conversationObject, userObject } from "../../middleware/objects.ts";
import { unwrap } from "../../middleware/refusal-error.ts";
import {
  addMembersSchema,
  conversationSchema,
  memberSchema,
  onlineCountSchema,
  roleChangeSchema,
} from "../../protocol/conversation.ts";
import { conversationIdSchema, userIdSchema } from "../../protocol/ids.ts";
import { pageQuerySchema, pageSchema } from "../../protocol/page.ts";
import { answer, body, createRouter, identified, problem, signedIn } from "../router.ts";
import { changeGroup } from "./change-group.ts";
import { demandUsers } from "./demand-users.ts";

export const memberRoutes = createRouter();

const params = z.object({ conversation_id: conversationIdSchema });
const memberParams = params.extend({ user_id: userIdSchema });

memberRoutes.openapi(
  createRoute({
    ...identified,
    method: "get",
    path: "/conversations/{conversation_id}/members",
    tags: ["Members"],
    summary: "Its members and how far they have received and read",
    request: { params, query: pageQuerySchema },
    responses: { 200: answer(pageSchema(memberSchema), "Members"), default: problem },
  }),
  async (c) => {
    const conversation = conversationObject(c.env, c.req.valid("param").conversation_id);
    const { identity } = c.var.caller;
    const { user_id } = identity;
    const { read_receipts } = unwrap(await userObject(c.env, user_id).admitReader(identity));
    return c.json(unwrap(await conversation.listMembers(user_id, c.req.valid("query"), read_receipts)), 200);
  },
);

memberRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/conversations/{conversation_id}/presence",
    tags: ["Members"],
    summary: "How many members of a group of three or more are online, at most 30 s ago; not who",
    request: { params },
    responses: { 200: answer(onlineCountSchema, "How many"), default: problem },
  }),
  async (c) => {
    const conversation = conversationObject(c.env, c.req.valid("param").conversation_id);
    return c.json(unwrap(await conversation.countOnline(c.var.caller.identity.user_id)), 200);
  },
);

memberRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "post",
    path: "/conversations/{conversation_id}/members",
    tags: ["Members"],
    summary: "Add users to a group; who is a member already stays one",
    request: { params, body: body(addMembersSchema) },
    responses: { 200: answer(conversationSchema, "The group"), default: problem },
  }),
  async (c) => {
    const { conversation_id } = c.req.valid("param");
    const { user_id } = c.var.caller.identity;
    // Whether the caller may is asked first: who is not a member learns nothing of other users either (SEC-2).
    unwrap(await conversationObject(c.env, conversation_id).describe(user_id));
    const usernames = await demandUsers(c.env, user_id, c.req.valid("json").user_ids);
    const joining = Array.from(usernames, ([id, username]) => ({ user_id: id, username }));
    return c.json(await changeGroup(c.env, c.var.caller, conversation_id, { kind: "add", joining }), 200);
  },
);

memberRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "patch",
    path: "/conversations/{conversation_id}/members/{user_id}",
    tags: ["Members"],
    summary: "Give a member another role",
    request: { params: memberParams, body: body(roleChangeSchema) },
    responses: { 200: answer(conversationSchema, "The group, as the caller sees it then"), default: problem },
  }),
  async (c) => {
    const { conversation_id, user_id } = c.req.valid("param");
    const { role } = c.req.valid("json");
    const command = { kind: "set_role", user_id, role } as const;
    return c.json(await changeGroup(c.env, c.var.caller, conversation_id, command), 200);
  },
);

memberRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "delete",
    path: "/conversations/{conversation_id}/members/{user_id}",
    tags: ["Members"],
    summary: "Remove a member, or leave",
    request: { params: memberParams },
    responses: { 204: { description: "No longer a member" }, default: problem },
  }),
  async (c) => {
    const { conversation_id, user_id } = c.req.valid("param");
    await changeGroup(c.env, c.var.caller, conversation_id, { kind: "remove", user_id });
    return c.body(null, 204);
  },
);
