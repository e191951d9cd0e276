import { createRoute, z } from "@hono/zod-openapi";
import type { Caller } from "../../middleware/app-env.ts";
import { conversationObject, userObject } from "../../middleware/objects.ts";
import { demand, unwrap } from "../../middleware/refusal-error.ts";
import type { MessageCommand } from "../../objects/conversation/commands.ts";
import { conversationIdSchema, messageIdSchema } from "../../protocol/ids.ts";
import { deletionQuerySchema, messageEditSchema, messageSchema } from "../../protocol/message.ts";
import { answer, body, createRouter, identified, problem, signedIn } from "../router.ts";

export const messageChangeRoutes = createRouter();

const params = z.object({ conversation_id: conversationIdSchema, message_id: messageIdSchema });
/** Longer than any emoji; what it must be is checked where it is kept. */
const reactionParams = params.extend({ emoji: z.string().max(64) });

const MAX_PINS = 100;

const path = "/conversations/{conversation_id}/messages/{message_id}";
const responses = { 200: answer(messageSchema, "The message as it is now"), default: problem };

/** Each counts as a message, so that its user's object is asked, and takes it to the conversation (LIM-1). */
async function change(
  env: Env,
  { identity }: Caller,
  { conversation_id, message_id }: z.infer<typeof params>,
  command: MessageCommand,
) {
  const author = userObject(env, identity.user_id);
  return unwrap(await author.changeMessage(identity, conversation_id, message_id, command));
}

messageChangeRoutes.openapi(
  createRoute({
    ...identified,
    method: "put",
    path,
    tags: ["Messages"],
    summary: "Edit one's own message; like every change of a message it counts as one more that is sent",
    request: { params, body: body(messageEditSchema) },
    responses,
  }),
  async (c) => {
    const command = { kind: "edit", edit: c.req.valid("json") } as const;
    return c.json(await change(c.env, c.var.caller, c.req.valid("param"), command), 200);
  },
);

messageChangeRoutes.openapi(
  createRoute({
    ...identified,
    method: "delete",
    path,
    tags: ["Messages"],
    summary:
      "Delete a message for everybody (one's own, or as an admin of the group), or for the caller alone",
    request: { params, query: deletionQuerySchema },
    responses: { 204: { description: "Deleted" }, default: problem },
  }),
  async (c) => {
    const { identity } = c.var.caller;
    if (c.req.valid("query").for === "me") {
      const { conversation_id, message_id } = c.req.valid("param");
      demand(await userObject(c.env, identity.user_id).admit(identity, "request"));
      const conversation = conversationObject(c.env, conversation_id);
      demand(await conversation.act(identity.user_id, { kind: "hide", message_id }));
      return c.body(null, 204);
    }
    await change(c.env, c.var.caller, c.req.valid("param"), { kind: "delete" });
    return c.body(null, 204);
  },
);

for (const [method, kind] of [
  ["put", "react"],
  ["delete", "unreact"],
] as const) {
  messageChangeRoutes.openapi(
    createRoute({
      ...identified,
      method,
      path: `${path}/reactions/{emoji}`,
      tags: ["Messages"],
      summary: kind === "react" ? "React to a message with one emoji" : "Take a reaction back",
      request: { params: reactionParams },
      responses,
    }),
    async (c) => {
      const { emoji, ...place } = c.req.valid("param");
      return c.json(await change(c.env, c.var.caller, place, { kind, emoji }), 200);
    },
  );
}

for (const [method, kind] of [
  ["put", "pin"],
  ["delete", "unpin"],
] as const) {
  messageChangeRoutes.openapi(
    createRoute({
      ...identified,
      method,
      path: `${path}/pin`,
      tags: ["Messages"],
      summary: kind === "pin" ? "Pin a message" : "Take a pin off",
      request: { params },
      responses,
    }),
    async (c) => c.json(await change(c.env, c.var.caller, c.req.valid("param"), { kind }), 200),
  );
}

messageChangeRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/conversations/{conversation_id}/pins",
    tags: ["Messages"],
    summary: "The pinned messages, the one pinned last first; at most 100",
    request: { params: params.pick({ conversation_id: true }) },
    responses: {
      200: answer(z.object({ items: z.array(messageSchema) }), "Pinned messages"),
      default: problem,
    },
  }),
  async (c) => {
    const conversation = conversationObject(c.env, c.req.valid("param").conversation_id);
    const items = unwrap(await conversation.pinned(c.var.caller.identity.user_id, MAX_PINS));
    return c.json({ items }, 200);
  },
);
