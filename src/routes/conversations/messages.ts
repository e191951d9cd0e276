import { createRoute, z } from "@hono/zod-openapi";
import { conversationObject, userObject } from "../../middleware/objects.ts";
import { unwrap } from "../../middleware/refusal-error.ts";
import { conversationIdSchema, messageIdSchema } from "../../protocol/ids.ts";
import {
  historyPageSchema,
  historyQuerySchema,
  messageDraftSchema,
  messageSchema,
  receiptsSchema,
  sendingQuerySchema,
} from "../../protocol/message.ts";
import { answer, body, createRouter, identified, problem, signedIn } from "../router.ts";
import { findStored, messageFrom } from "./stored-message.ts";

export const messageRoutes = createRouter();

const params = z.object({ conversation_id: conversationIdSchema });

messageRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/conversations/{conversation_id}/messages",
    tags: ["Messages"],
    summary: "History, ascending by seq; without a position, the newest page",
    request: { params, query: historyQuerySchema },
    responses: { 200: answer(historyPageSchema, "Messages"), default: problem },
  }),
  async (c) => {
    const conversation = conversationObject(c.env, c.req.valid("param").conversation_id);
    const { user_id } = c.var.caller.identity;
    return c.json(unwrap(await conversation.history(user_id, c.req.valid("query"))), 200);
  },
);

messageRoutes.openapi(
  createRoute({
    ...identified,
    method: "post",
    path: "/conversations/{conversation_id}/messages",
    tags: ["Messages"],
    summary: "Send a message; a repeat with the same client_message_id sends nothing",
    request: { params, query: sendingQuerySchema, body: body(messageDraftSchema) },
    responses: {
      200: answer(messageSchema, "It was there already"),
      201: answer(messageSchema, "Stored"),
      default: problem,
    },
  }),
  async (c) => {
    const { identity } = c.var.caller;
    const { conversation_id } = c.req.valid("param");
    const { device_id } = c.req.valid("query");
    const draft = c.req.valid("json");
    const sender = userObject(c.env, identity.user_id);
    const ack = unwrap(await sender.sendMessage(identity, conversation_id, draft, undefined, device_id));
    // Whom it names, only the conversation knows.
    const isKnown = !ack.duplicate && !draft.content.includes("@");
    const stored = isKnown ? undefined : await findStored(c.env, identity.user_id, ack);
    const message = stored ?? messageFrom(draft, ack, identity.user_id);
    return ack.duplicate ? c.json(message, 200) : c.json(message, 201);
  },
);

messageRoutes.openapi(
  createRoute({
    ...identified,
    method: "get",
    path: "/conversations/{conversation_id}/messages/{message_id}/receipts",
    tags: ["Messages"],
    summary: "Who has received and who has read a message",
    request: { params: params.extend({ message_id: messageIdSchema }) },
    responses: { 200: answer(receiptsSchema, "Receipts"), default: problem },
  }),
  async (c) => {
    const { conversation_id, message_id } = c.req.valid("param");
    const conversation = conversationObject(c.env, conversation_id);
    const { identity } = c.var.caller;
    const { user_id } = identity;
    const { read_receipts } = unwrap(await userObject(c.env, user_id).admitReader(identity));
    return c.json(unwrap(await conversation.receipts(user_id, message_id, read_receipts)), 200);
  },
);
