import { z } from "zod";
import type { Identity } from "../domain/identity.ts";
import { mergeSearched, type Searched, type SearchPlace } from "../domain/search-merge.ts";
import { parseSearch } from "../domain/search-query.ts";
import { conversationObject, userObject } from "../middleware/objects.ts";
import { demand, RefusalError, unwrap } from "../middleware/refusal-error.ts";
import { invalidRequest } from "../protocol/errors.ts";
import { conversationIdSchema, seqSchema } from "../protocol/ids.ts";
import type { Page } from "../protocol/page.ts";
import type { MessageSearchQuery, SearchHit } from "../protocol/search.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";

/** So many conversations are searched together, so many of them at once; each is a call that may wake an object. */
const TOGETHER = 20;
const AT_ONCE = 8;

/** A request searches so many times so many; where nothing is found, the next one goes on. */
const ROUNDS = 3;

/** After so long no other conversation is begun. */
const ENOUGH_MS = 5_000;

/** How long a conversation may take to build its index; it goes on with that, and is asked again. */
const PATIENCE_MS = 2_000;

/**
 * Conversations that are not searched to their end, and where the inbox goes on; null: nowhere. Those that are being
 * searched are named, so that no message that arrives changes which they are.
 */
interface Position {
  readonly places: readonly SearchPlace[];
  readonly inbox: string | null;
}

const positionSchema = z.object({
  places: z
    .array(z.tuple([conversationIdSchema, seqSchema.nullable()]))
    .max(TOGETHER)
    .transform((places) =>
      places.map(([conversation_id, before_seq]): SearchPlace => ({ conversation_id, before_seq })),
    ),
  inbox: z.string().max(512).nullable(),
});

/** The newest messages of the caller's conversations, of those first in which something happened last. */
export async function searchAll(
  env: Env,
  identity: Identity,
  query: MessageSearchQuery,
): Promise<Page<SearchHit>> {
  let position = readPosition(query.cursor);
  const { user_id } = identity;
  demand(await userObject(env, user_id).admit(identity, "search"));
  const hits: SearchHit[] = [];
  if (parseSearch(query.q).length === 0) return { items: hits, next_cursor: null };
  const enough_at = Date.now() + ENOUGH_MS;
  for (let round = 0; round < ROUNDS && hits.length < query.limit && Date.now() < enough_at; round++) {
    position = await withPlaces(env, user_id, position);
    const searched = await searchPlaces(position.places, enough_at, (place) =>
      searchOne(env, user_id, query, place),
    );
    const merged = mergeSearched(searched, query.limit - hits.length);
    hits.push(...merged.hits);
    position = { ...position, places: merged.places };
    if (isEnd(position)) break;
  }
  return { items: hits, next_cursor: isEnd(position) ? null : writePosition(position) };
}

function isEnd({ places, inbox }: Position): boolean {
  return places.length === 0 && inbox === null;
}

/** The next conversations of the inbox, when those before are done with. */
async function withPlaces(env: Env, user_id: string, position: Position): Promise<Position> {
  const { places, inbox } = position;
  if (places.length > 0 || inbox === null) return position;
  const query = { limit: TOGETHER, ...(inbox !== "" && { cursor: inbox }) };
  const { items, next_cursor } = unwrap(await userObject(env, user_id).listConversations(query));
  return {
    places: items.map((conversation_id) => ({ conversation_id, before_seq: null })),
    inbox: next_cursor,
  };
}

/** In the order of `places`; those that are not begun in time are as they were. */
async function searchPlaces(
  places: readonly SearchPlace[],
  enough_at: number,
  search: (place: SearchPlace) => Promise<Searched>,
): Promise<Searched[]> {
  const searched = places.map((place): Searched => ({ place, hits: [], rest: place }));
  const waiting = places.entries();
  const work = async () => {
    for (const [index, place] of waiting) {
      if (Date.now() >= enough_at) return;
      searched[index] = await search(place);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return searched;
}

async function searchOne(
  env: Env,
  user_id: string,
  { q, from, to, limit }: MessageSearchQuery,
  place: SearchPlace,
): Promise<Searched> {
  const { conversation_id, before_seq } = place;
  const range = { from: from ?? null, to: to ?? null, before_seq };
  const wanted = { q, sender_id: null, ...range, limit, patience_ms: PATIENCE_MS };
  const result = await conversationObject(env, conversation_id).search(user_id, wanted);
  // Left meanwhile, or never the caller's: a cursor can be made up.
  if (!result.ok && result.refusal.code === "conversation_not_found") return { place, hits: [], rest: null };
  const { hits, next_before_seq } = unwrap(result);
  const rest = next_before_seq === null ? null : { conversation_id, before_seq: next_before_seq };
  return { place, hits, rest };
}

function readPosition(cursor: string | undefined): Position {
  const text = decodeCursor(cursor);
  if (text === null) return { places: [], inbox: "" };
  const parsed = positionSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new RefusalError(invalidRequest([{ path: "cursor", message: "is not a cursor of this list" }]));
}

function writePosition({ places, inbox }: Position): string {
  const named = places.map(({ conversation_id, before_seq }) => [conversation_id, before_seq]);
  return encodeCursor(JSON.stringify({ places: named, inbox }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
