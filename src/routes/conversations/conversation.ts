import { createRoute, z } from "@hono/zod-openapi";
import { conversationObject } from "../../middleware/objects.ts";
import { unwrap } from "../../middleware/refusal-error.ts";
import { conversationSchema, groupUpdateSchema } from "../../protocol/conversation.ts";
import { conversationIdSchema } from "../../protocol/ids.ts";
import { answer, body, createRouter, problem, signedIn } from "../router.ts";
import { changeGroup } from "./change-group.ts";

export const conversationRoutes = createRouter();

const params = z.object({ conversation_id: conversationIdSchema });

conversationRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/conversations/{conversation_id}",
    tags: ["Conversations"],
    summary: "A conversation of the caller",
    request: { params },
    responses: { 200: answer(conversationSchema, "The conversation"), default: problem },
  }),
  async (c) => {
    const { conversation_id } = c.req.valid("param");
    const conversation = conversationObject(c.env, conversation_id);
    return c.json(unwrap(await conversation.describe(c.var.caller.identity.user_id)), 200);
  },
);

conversationRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "put",
    path: "/conversations/{conversation_id}",
    tags: ["Conversations"],
    summary: "Change a group's name and settings; what is left out stays",
    request: { params, body: body(groupUpdateSchema) },
    responses: { 200: answer(conversationSchema, "The group"), default: problem },
  }),
  async (c) => {
    const { conversation_id } = c.req.valid("param");
    const command = { kind: "update", update: c.req.valid("json") } as const;
    return c.json(await changeGroup(c.env, c.var.caller, conversation_id, command), 200);
  },
);

conversationRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "delete",
    path: "/conversations/{conversation_id}",
    tags: ["Conversations"],
    summary: "Delete a group for everybody",
    request: { params },
    responses: { 204: { description: "Deleted" }, default: problem },
  }),
  async (c) => {
    await changeGroup(c.env, c.var.caller, c.req.valid("param").conversation_id, { kind: "delete" });
    return c.body(null, 204);
  },
);
