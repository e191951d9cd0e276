import { createRoute, z } from "@hono/zod-openapi";
import { openDatabase } from "../db/client.ts";
import { findUser } from "../db/users.ts";
import { oneOnOneId } from "../domain/conversation-id.ts";
import { conversationObject, userObject } from "../middleware/objects.ts";
import { refuse } from "../middleware/refusal-error.ts";
import { userIdSchema } from "../protocol/ids.ts";
import { presenceSchema } from "../protocol/user.ts";
import { answer, createRouter, problem, signedIn } from "./router.ts";

export const presenceRoutes = createRouter();

presenceRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "get",
    path: "/users/{user_id}/presence",
    tags: ["Users"],
    summary: "Whether a user is online; for those who have a one-on-one conversation with it",
    request: { params: z.object({ user_id: userIdSchema }) },
    responses: { 200: answer(presenceSchema, "The presence"), default: problem },
  }),
  async (c) => {
    const caller_id = c.var.caller.identity.user_id;
    const { user_id } = c.req.valid("param");
    if (user_id !== caller_id) {
      if (!(await findUser(openDatabase(c.env.DB), user_id)))
        throw refuse("not_found", "There is no such user");
      await demandAcquaintance(c.env, caller_id, user_id);
    }
    return c.json(await userObject(c.env, user_id).presence(), 200);
  },
);

/** PRES-3. Until there are friends, those who have talked one-on-one may see each other. */
async function demandAcquaintance(env: Env, caller_id: string, user_id: string): Promise<void> {
  const conversation = conversationObject(env, oneOnOneId(caller_id, user_id));
  const { ok } = await conversation.describe(caller_id);
  if (!ok) throw refuse("forbidden", "Presence is shown to those who have a conversation with the user");
}
