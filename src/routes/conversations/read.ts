import { createRoute, z } from "@hono/zod-openapi";
import type { Identity } from "../../domain/identity.ts";
import { conversationObject, userObject } from "../../middleware/objects.ts";
import { unwrap } from "../../middleware/refusal-error.ts";
import { conversationIdSchema, messageIdSchema } from "../../protocol/ids.ts";
import {
  messageReadRequestSchema,
  type ReadResult,
  readRequestSchema,
  readResultSchema,
} from "../../protocol/message.ts";
import { answer, body, createRouter, identified, problem, signedIn } from "../router.ts";

export const readRoutes = createRouter();

const responses = { 200: answer(readResultSchema, "What that leaves unread"), default: problem };

readRoutes.openapi(
  createRoute({
    ...identified,
    method: "post",
    path: "/conversations/{conversation_id}/read",
    tags: ["Messages"],
    summary: "Everything up to seq was read",
    request: { params: z.object({ conversation_id: conversationIdSchema }), body: body(readRequestSchema) },
    responses,
  }),
  async (c) => {
    const { conversation_id } = c.req.valid("param");
    const { seq } = c.req.valid("json");
    return c.json(await markRead(c.env, c.var.caller.identity, conversation_id, seq), 200);
  },
);

readRoutes.openapi(
  createRoute({
    // Admitted before the conversation is asked for anything.
    ...signedIn,
    method: "post",
    path: "/messages/{message_id}/read",
    tags: ["Messages"],
    summary: "Everything up to this message was read",
    request: { params: z.object({ message_id: messageIdSchema }), body: body(messageReadRequestSchema) },
    responses,
  }),
  async (c) => {
    const { identity } = c.var.caller;
    const { conversation_id } = c.req.valid("json");
    const conversation = conversationObject(c.env, conversation_id);
    const seq = unwrap(await conversation.seqOf(identity.user_id, c.req.valid("param").message_id));
    return c.json(await markRead(c.env, identity, conversation_id, seq), 200);
  },
);

async function markRead(
  env: Env,
  identity: Identity,
  conversation_id: string,
  seq: number,
): Promise<ReadResult> {
  return unwrap(await userObject(env, identity.user_id).markRead(identity, conversation_id, seq));
}
