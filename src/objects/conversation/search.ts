import { accepted, type Result, refused } from "../../domain/result.ts";
import { filterOf } from "../../domain/search-index.ts";
import { findHighlights, type Highlight } from "../../domain/search-match.ts";
import { parseSearch, type SearchQuery } from "../../domain/search-query.ts";
import { errorFields, log } from "../../observability/log.ts";
import { refusal } from "../../protocol/errors.ts";
import type { SearchHit } from "../../protocol/search.ts";
import { TimeLimitError, withTimeLimit } from "../runtime/time-limit.ts";
import { nextTurn } from "../runtime/turn.ts";
import type { ConversationSearch, SearchPage } from "./rpc.ts";
import { SearchIndex } from "./search-index.ts";
import { type FoundText, SearchStore, type Stretch } from "./search-store.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore, MemberRecord } from "./store.ts";
import { LogView } from "./view.ts";

const NOT_FOUND = refused(refusal("conversation_not_found"));

/** One request looks into so many blocks at most, and then says where to go on. */
const MAX_BLOCKS = 1_000;

/** The same in characters that are read: of all, and of one turn (some 2 ms). */
const MAX_CHARS = 1_000_000;
const CHARS_PER_TURN = 20_000;

/** What a shorter text costs to read, and so many phrases to look for. */
const MIN_CHARS = 64;
const PHRASES_PER_READING = 8;

/** A search that is under way: what is sought, and where. */
interface Looking {
  readonly user_id: string;
  readonly query: SearchQuery;
  readonly sender_id: string | null;
  readonly range: Stretch;
  readonly limit: number;
}

/**
 * Search in one conversation. The index tells which blocks of the log may have what is sought; their texts are read as they
 * are now, so that what was edited or deleted since it was indexed is never found by what it said before.
 */
export class Search {
  readonly #store: ConversationStore;
  readonly #state: ConversationState;
  readonly #found: SearchStore;
  readonly #index: SearchIndex;

  constructor(storage: DurableObjectStorage, store: ConversationStore, state: ConversationState) {
    this.#store = store;
    this.#state = state;
    this.#found = new SearchStore(storage.sql);
    this.#index = new SearchIndex(storage, this.#found, () => state.head.seq);
  }

  /** A page of what a member may read (CONV-5), the newest first; see `ConversationRpc.search`. */
  async page(user_id: string, wanted: ConversationSearch): Promise<Result<SearchPage>> {
    if (!this.#state.members.has(user_id)) return NOT_FOUND;
    const query = parseSearch(wanted.q);
    if (query.length === 0) return accepted({ hits: [], next_before_seq: null });
    try {
      if (await this.#isCaughtUp(wanted.patience_ms)) return await this.#find(user_id, wanted, query);
    } catch (error) {
      log("error", "search failed", { conversation_id: this.#state.id, ...errorFields(error) });
      return refused(refusal("unavailable"));
    }
    return accepted({ hits: [], next_before_seq: wanted.before_seq ?? this.#state.head.seq + 1 });
  }

  async #isCaughtUp(patience_ms: number): Promise<boolean> {
    try {
      await withTimeLimit(this.#index.catchUp(), patience_ms);
      return true;
    } catch (error) {
      if (error instanceof TimeLimitError) return false;
      throw error;
    }
  }

  async #find(user_id: string, wanted: ConversationSearch, query: SearchQuery): Promise<Result<SearchPage>> {
    const member = this.#state.members.get(user_id);
    if (!member) return NOT_FOUND;
    const { sender_id, limit } = wanted;
    const range = this.#rangeFor(member, wanted);
    const blocks = this.#found.find(filterOf(query), range, MAX_BLOCKS);
    const rest = { first_seq: this.#found.indexedSeq() + 1, last_seq: this.#state.head.seq };
    const page = await this.#look({ user_id, query, sender_id, range, limit }, [rest, ...blocks]);
    if (!page || page.next_before_seq !== null) return page ? accepted(page) : NOT_FOUND;
    const last = blocks.length === MAX_BLOCKS ? blocks.at(-1) : undefined;
    return accepted({ ...page, next_before_seq: last?.first_seq ?? null });
  }

  /** What the member may read of what is wanted. */
  #rangeFor(member: MemberRecord, { from, to, before_seq }: ConversationSearch): Stretch {
    const head_seq = this.#state.head.seq;
    const first_seq = from === null ? 1 : this.#found.firstSince(from, head_seq);
    const end_seq = to === null ? head_seq + 1 : this.#found.firstSince(to + 1, head_seq);
    return {
      first_seq: Math.max(first_seq, this.#state.readableAfter(member) + 1),
      last_seq: Math.min(end_seq, before_seq ?? Infinity) - 1,
    };
  }

  /** Looks into one part of the log after the other, with a turn for others in between. Null for who is removed meanwhile. */
  async #look(looking: Looking, parts: readonly Stretch[]): Promise<SearchPage | null> {
    const { user_id, query, sender_id, range, limit } = looking;
    const hits: SearchHit[] = [];
    let [left, left_in_turn] = [MAX_CHARS, CHARS_PER_TURN];
    for (const part of parts) {
      if (!this.#state.members.has(user_id)) return null;
      const texts = this.#found.messages(overlap(part, range), sender_id);
      for (const hit of this.#hitsIn(texts, looking)) {
        const last = hits.at(-1);
        if (last && hits.length === limit) return { hits, next_before_seq: last.message.seq };
        hits.push(hit);
      }
      const cost = costOf(texts, query);
      left -= cost;
      left_in_turn -= cost;
      if (left <= 0) return { hits, next_before_seq: part.first_seq };
      if (left_in_turn > 0) continue;
      await nextTurn();
      left_in_turn = CHARS_PER_TURN;
    }
    return { hits, next_before_seq: null };
  }

  #hitsIn(texts: readonly FoundText[], { user_id, query }: Looking): SearchHit[] {
    const highlights = new Map<number, Highlight[]>();
    for (const { seq, content } of texts) {
      const found = findHighlights(content, query);
      if (found) highlights.set(seq, found);
    }
    const seqs = [...highlights.keys()];
    const hidden = this.#store.hidden.of(user_id, seqs);
    const entries = this.#store.entries.entriesAt(seqs);
    const shown = seqs.flatMap((seq) => (hidden.has(seq) ? [] : (entries.get(seq) ?? [])));
    return new LogView(this.#store, this.#state)
      .messages(shown, user_id)
      .map((message) => ({ message, highlights: highlights.get(message.seq) ?? [] }));
  }
}

function overlap(one: Stretch, other: Stretch): Stretch {
  return {
    first_seq: Math.max(one.first_seq, other.first_seq),
    last_seq: Math.min(one.last_seq, other.last_seq),
  };
}

function costOf(texts: readonly FoundText[], query: SearchQuery): number {
  const chars = texts.reduce((sum, { content }) => sum + Math.max(MIN_CHARS, content.length), 0);
  return chars * (1 + query.length / PHRASES_PER_READING);
}
