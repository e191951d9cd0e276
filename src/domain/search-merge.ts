import type { SearchHit } from "../protocol/search.ts";

/** Where the search of a conversation goes on: before this entry; null: at its end. */
export interface SearchPlace {
  readonly conversation_id: string;
  readonly before_seq: number | null;
}

/** What was found in a conversation, the newest first, from `place` on; `rest`: where it goes on after that, if it does. */
export interface Searched {
  readonly place: SearchPlace;
  readonly hits: readonly SearchHit[];
  readonly rest: SearchPlace | null;
}

/** The newest `limit` hits of several conversations, and where each goes on after what was taken of it. */
export function mergeSearched(
  searched: readonly Searched[],
  limit: number,
): { hits: SearchHit[]; places: SearchPlace[] } {
  const hits = searched
    .flatMap((one) => one.hits)
    .sort(newestFirst)
    .slice(0, limit);
  const taken = Map.groupBy(hits, ({ message }) => message.conversation_id);
  const places = searched.flatMap(({ place, hits: found, rest }) => {
    const { conversation_id } = place;
    const own = taken.get(conversation_id) ?? [];
    if (own.length === found.length) return rest ?? [];
    // What arrives from now on stands after its first hit, and is not for the pages that follow.
    const [first] = found;
    const first_seq = first ? first.message.seq + 1 : place.before_seq;
    return { conversation_id, before_seq: own.at(-1)?.message.seq ?? first_seq };
  });
  return { hits, places };
}

/** Of one conversation always by `seq`: its times may be equal. */
function newestFirst({ message: a }: SearchHit, { message: b }: SearchHit): number {
  if (a.conversation_id === b.conversation_id) return b.seq - a.seq;
  return b.created_at - a.created_at || (a.conversation_id < b.conversation_id ? 1 : -1);
}
