import { createRoute, z } from "@hono/zod-openapi";
import { openDatabase } from "../db/client.ts";
import { findContact } from "../db/contacts.ts";
import { userObject } from "../middleware/objects.ts";
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
    summary: "Whether a user is online; for its friends and itself",
    request: { params: z.object({ user_id: userIdSchema }) },
    responses: { 200: answer(presenceSchema, "The presence"), default: problem },
  }),
  async (c) => {
    const caller_id = c.var.caller.identity.user_id;
    const { user_id } = c.req.valid("param");
    if (user_id !== caller_id) await demandFriendship(c.env, caller_id, user_id);
    return c.json(await userObject(c.env, user_id).presence(caller_id), 200);
  },
);

/** PRES-3 */
async function demandFriendship(env: Env, caller_id: string, user_id: string): Promise<void> {
  const contact = await findContact(openDatabase(env.DB), caller_id, user_id);
  if (!contact) throw refuse("not_found", "There is no such user");
  if (!contact.is_friend) throw refuse("forbidden", "Presence is shown to friends");
}
