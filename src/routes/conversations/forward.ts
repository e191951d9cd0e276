import { createRoute, z } from "@hono/zod-openapi";
import { forward } from "../../domain/forwarding.ts";
import { conversationObject, userObject } from "../../middleware/objects.ts";
import { refuse, unwrap } from "../../middleware/refusal-error.ts";
import { conversationIdSchema, messageIdSchema } from "../../protocol/ids.ts";
import { forwardRequestSchema, messageSchema, sendingQuerySchema } from "../../protocol/message.ts";
import { answer, body, createRouter, problem, signedIn } from "../router.ts";
import { findStored, messageFrom } from "./stored-message.ts";

export const forwardRoutes = createRouter();

const params = z.object({ conversation_id: conversationIdSchema, message_id: messageIdSchema });

forwardRoutes.openapi(
  createRoute({
    // Admitted before the conversation is asked for anything.
    ...signedIn,
    method: "post",
    path: "/conversations/{conversation_id}/messages/{message_id}/forward",
    tags: ["Messages"],
    summary:
      "Pass a message on to another conversation; a repeat with the same client_message_id sends nothing",
    request: { params, query: sendingQuerySchema, body: body(forwardRequestSchema) },
    responses: {
      200: answer(messageSchema, "It was there already"),
      201: answer(messageSchema, "The new message"),
      default: problem,
    },
  }),
  async (c) => {
    const { identity } = c.var.caller;
    const { conversation_id, message_id } = c.req.valid("param");
    const { device_id } = c.req.valid("query");
    const target = c.req.valid("json");
    const { user_id } = identity;
    const original = await conversationObject(c.env, conversation_id).readMessage(user_id, message_id);
    const forwarding = forward(unwrap(original), target.client_message_id);
    if (!forwarding) throw refuse("not_found");
    const { draft, forwarded_from } = forwarding;
    const sender = userObject(c.env, user_id);
    const ack = unwrap(
      await sender.sendMessage(identity, target.conversation_id, draft, forwarded_from, device_id),
    );
    // Whom it names there, only that conversation knows.
    const isKnown = !ack.duplicate && !draft.content.includes("@");
    const stored = isKnown ? undefined : await findStored(c.env, user_id, ack);
    const message = stored ?? { ...messageFrom(draft, ack, user_id), forwarded_from };
    return ack.duplicate ? c.json(message, 200) : c.json(message, 201);
  },
);
