import { createRoute, z } from "@hono/zod-openapi";
import { openDatabase } from "../db/client.ts";
import { nextUserId } from "../db/users.ts";
import { demandRole } from "../middleware/authenticate.ts";
import { conversationObject, userObject } from "../middleware/objects.ts";
import { conversationIdSchema } from "../protocol/ids.ts";
import { deadLettersSchema, rebuildRequestSchema, rebuildSchema, replaySchema } from "../protocol/outbox.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { answer, body, createRouter, problem, signedIn } from "./router.ts";

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

/** So many conversations are asked in one step to publish themselves again. */
const STEP = 20;

adminRoutes.openapi(
  createRoute({
    ...signedIn,
    method: "post",
    path: "/admin/directory/rebuild",
    tags: ["Operations"],
    summary:
      "Make the directory anew from the objects, a step at a time, until next_cursor is null; for admins",
    request: { body: body(rebuildRequestSchema) },
    responses: { 200: answer(rebuildSchema, "What this step did"), default: problem },
  }),
  async (c) => {
    demandRole(c.var.caller, "admin");
    const place = placeOf(c.req.valid("json").cursor);
    const ids = place ? await userObject(c.env, place.user_id).conversationIds(place.after_id, STEP) : [];
    const published = await Promise.all(
      ids.map((id) => conversationObject(c.env, id).republish(place?.user_id ?? "")),
    );
    const conversations = published.filter(Boolean).length;
    const next = await nextPlace(c.env, place, ids);
    return c.json(
      { conversations, next_cursor: next && encodeCursor(`${next.user_id} ${next.after_id}`) },
      200,
    );
  },
);

/** All users one after the other, and of each the conversations after `after_id`. */
interface Place {
  readonly user_id: string;
  readonly after_id: string;
}

/** Null before the first step. */
function placeOf(cursor: string | undefined): Place | null {
  const [user_id = "", after_id = ""] = decodeCursor(cursor)?.split(" ") ?? [];
  return user_id === "" ? null : { user_id, after_id };
}

async function nextPlace(env: Env, place: Place | null, ids: readonly string[]): Promise<Place | null> {
  const last = ids.at(-1);
  if (place && last !== undefined && ids.length === STEP) return { ...place, after_id: last };
  const next = await nextUserId(openDatabase(env.DB), place?.user_id ?? "");
  return next ? { user_id: next.user_id, after_id: "" } : null;
}
