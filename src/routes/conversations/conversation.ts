import { createRoute, z } from "@hono/zod-openapi";
import { conversationObject } from "../../middleware/objects.ts";
import { unwrap } from "../../middleware/refusal-error.ts";
import { conversationSchema, memberSchema } from "../../protocol/conversation.ts";
import { conversationIdSchema } from "../../protocol/ids.ts";
import { pageQuerySchema, pageSchema } from "../../protocol/page.ts";
import { answer, createRouter, problem, signedIn } from "../router.ts";

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
    method: "get",
    path: "/conversations/{conversation_id}/members",
    tags: ["Conversations"],
    summary: "Its members and how far they have received and read",
    request: { params, query: pageQuerySchema },
    responses: { 200: answer(pageSchema(memberSchema), "Members"), default: problem },
  }),
  async (c) => {
    const { conversation_id } = c.req.valid("param");
    const conversation = conversationObject(c.env, conversation_id);
    const { user_id } = c.var.caller.identity;
    return c.json(unwrap(await conversation.listMembers(user_id, c.req.valid("query"))), 200);
  },
);
