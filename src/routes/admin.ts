import { createRoute, z } from "@hono/zod-openapi";
import { demandRole } from "../middleware/authenticate.ts";
import { conversationObject } from "../middleware/objects.ts";
import { conversationIdSchema } from "../protocol/ids.ts";
import { deadLettersSchema, replaySchema } from "../protocol/outbox.ts";
import { answer, createRouter, problem, signedIn } from "./router.ts";

export const adminRoutes = createRouter();

const params = z.object({ conversation_id: conversationIdSchema });

adminRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/admin/conversations/{conversation_id}/outbox",
    tags: ["Operations"],
    summary: "What a conversation owed the directory and gave up on; for admins",
    request: { params },
    responses: { 200: answer(deadLettersSchema, "Dead letters"), default: problem },
  }),
  async (c) => {
    demandRole(c.var.caller, "admin");
    const { conversation_id } = c.req.valid("param");
    return c.json({ items: await conversationObject(c.env, conversation_id).listDeadLetters() }, 200);
  },
);

adminRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "post",
    path: "/admin/conversations/{conversation_id}/outbox/replay",
    tags: ["Operations"],
    summary: "Try the dead letters of a conversation again; for admins",
    request: { params },
    responses: { 200: answer(replaySchema, "How many"), default: problem },
  }),
  async (c) => {
    demandRole(c.var.caller, "admin");
    const { conversation_id } = c.req.valid("param");
    return c.json({ replayed: await conversationObject(c.env, conversation_id).replayDeadLetters() }, 200);
  },
);
