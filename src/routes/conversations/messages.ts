import { createRoute, z } from "@hono/zod-openapi";
import { conversationObject, userObject } from "../../middleware/objects.ts";
import { unwrap } from "../../middleware/refusal-error.ts";
import { conversationIdSchema, messageIdSchema } from "../../protocol/ids.ts";
import {
  historyPageSchema,
  historyQuerySchema,
  type Message,
  type MessageDraft,
  messageDraftSchema,
  messageSchema,
  receiptsSchema,
  type SentAck,
} from "../../protocol/message.ts";
import { answer, body, createRouter, identified, problem, signedIn } from "../router.ts";

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
    request: { params, body: body(messageDraftSchema) },
    responses: {
      200: answer(messageSchema, "It was there already"),
      201: answer(messageSchema, "Stored"),
      default: problem,
    },
  }),
  async (c) => {
    const { identity } = c.var.caller;
    const { conversation_id } = c.req.valid("param");
    const draft = c.req.valid("json");
    const sender = userObject(c.env, identity.user_id);
    const ack = unwrap(await sender.sendMessage(identity, conversation_id, draft));
    // Whom it names, only the conversation knows.
    const isKnown = !ack.duplicate && !draft.content.includes("@");
    const stored = isKnown ? undefined : await findStored(c.env, identity.user_id, ack);
    const message = stored ?? messageFrom(draft, ack, identity.user_id);
    return ack.duplicate ? c.json(message, 200) : c.json(message, 201);
  },
);

messageRoutes.openapi(
  createRoute({
    ...signedIn,
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
    return c.json(unwrap(await conversation.receipts(c.var.caller.identity.user_id, message_id)), 200);
  },
);

/** A message that was just stored, from what was sent and what the ack says of it. */
function messageFrom(draft: MessageDraft, ack: SentAck, sender_id: string): Message {
  const { conversation_id, message_id, seq, created_at } = ack;
  return {
    ...draft,
    conversation_id,
    message_id,
    seq,
    created_at,
    sender_id,
    edited_at: null,
    deleted_at: null,
    reactions: [],
  };
}

/**
 * The message as it is stored. What a repeat repeats may have been edited since, and the repeat may say something else
 * (IDEM-1).
 */
async function findStored(env: Env, user_id: string, ack: SentAck): Promise<Message | undefined> {
  const conversation = conversationObject(env, ack.conversation_id);
  const page = unwrap(await conversation.history(user_id, { after_seq: ack.seq - 1, limit: 1 }));
  return page.items.find((message) => message.message_id === ack.message_id);
}
