import { createRoute, z } from "@hono/zod-openapi";
import { conversationObject, userObject } from "../middleware/objects.ts";
import { demand, RefusalError, unwrap } from "../middleware/refusal-error.ts";
import { invalidRequest } from "../protocol/errors.ts";
import { conversationIdSchema, seqSchema } from "../protocol/ids.ts";
import {
  conversationSearchQuerySchema,
  messageSearchQuerySchema,
  searchPageSchema,
} from "../protocol/search.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { answer, createRouter, identified, problem } from "./router.ts";
import { searchAll } from "./search-all.ts";

export const searchRoutes = createRouter();

/** How long a request waits for the index of a conversation; a client that asks again waits on. */
const PATIENCE_MS = 8_000;

const responses = { 200: answer(searchPageSchema, "Messages, the newest first"), default: problem };

searchRoutes.openapi(
  createRoute({
    ...identified,
    method: "get",
    path: "/conversations/{conversation_id}/messages/search",
    tags: ["Messages"],
    summary: "Find messages of a conversation; a page may be empty and not the last",
    request: {
      params: z.object({ conversation_id: conversationIdSchema }),
      query: conversationSearchQuerySchema,
    },
    responses,
  }),
  async (c) => {
    const { identity } = c.var.caller;
    const { q, sender_id = null, from = null, to = null, cursor, limit } = c.req.valid("query");
    const before_seq = readCursor(cursor);
    demand(await userObject(c.env, identity.user_id).admit(identity, "search"));
    const conversation = conversationObject(c.env, c.req.valid("param").conversation_id);
    const wanted = { q, sender_id, from, to, before_seq, limit, patience_ms: PATIENCE_MS };
    const { hits, next_before_seq } = unwrap(await conversation.search(identity.user_id, wanted));
    const next_cursor = next_before_seq === null ? null : encodeCursor(String(next_before_seq));
    return c.json({ items: hits, next_cursor }, 200);
  },
);

searchRoutes.openapi(
  createRoute({
    ...identified,
    method: "get",
    path: "/messages/search",
    tags: ["Messages"],
    summary: "Find messages in all conversations of the caller; a page may be empty and not the last",
    request: { query: messageSearchQuerySchema },
    responses,
  }),
  async (c) => {
    return c.json(await searchAll(c.env, c.var.caller.identity, c.req.valid("query")), 200);
  },
);

function readCursor(cursor: string | undefined): number | null {
  const text = decodeCursor(cursor);
  if (text === null) return null;
  const parsed = seqSchema.safeParse(Number(text));
  if (parsed.success) return parsed.data;
  throw new RefusalError(invalidRequest([{ path: "cursor", message: "is not a cursor of this list" }]));
}
