import type { Entry } from "../../domain/entry.ts";
import type { EntryStore, UnreadCounts } from "./entry-store.ts";

/** What a member had left to read after `read_seq`, up to `as_of_seq`. */
interface Counted extends UnreadCounts {
  readonly read_seq: number;
  readonly as_of_seq: number;
}

const NOTHING_UNREAD: UnreadCounts = { unread_count: 0, mention_count: 0 };

/**
 * What the members have left to read (UNR-1), counted from the log: once all of it, and from then on only what a mark passes
 * and what has come since, so that a long backlog is not counted again at each step through it. Kept in memory: after an
 * eviction the first count is a whole one.
 */
export class UnreadCounter {
  readonly #entries: Pick<EntryStore, "countUnread">;
  readonly #counted = new Map<string, Counted>();

  constructor(entries: Pick<EntryStore, "countUnread">) {
    this.#entries = entries;
  }

  /** After `read_seq`, in the log as it is now, which ends at `head_seq`. */
  count(user_id: string, read_seq: number, head_seq: number): UnreadCounts {
    const { unread_count, mention_count } =
      this.#countOn(user_id, read_seq, head_seq) ?? this.#between(user_id, read_seq, head_seq);
    this.#counted.set(user_id, { unread_count, mention_count, read_seq, as_of_seq: head_seq });
    return { unread_count, mention_count };
  }

  /** A member has hidden this message: it counts no more. */
  hide(user_id: string, message: Entry): void {
    this.#correct(user_id, message.seq, minus(NOTHING_UNREAD, countsOf(message, user_id)));
  }

  /** A message says something else now, or nothing any more; to those who have hidden it that is all the same. */
  change(before: Entry, after: Entry, hiders: ReadonlySet<string>): void {
    for (const user_id of this.#counted.keys()) {
      if (hiders.has(user_id)) continue;
      this.#correct(user_id, before.seq, minus(countsOf(after, user_id), countsOf(before, user_id)));
    }
  }

  /** What was counted was never committed. */
  forget(): void {
    this.#counted.clear();
  }

  /** What the message at `seq` adds has changed by that much: of who has not read it, and had it counted. */
  #correct(user_id: string, seq: number, difference: UnreadCounts): void {
    const known = this.#counted.get(user_id);
    if (!known || seq <= known.read_seq || seq > known.as_of_seq) return;
    this.#counted.set(user_id, { ...known, ...plus(known, difference) });
  }

  /** From what was counted before; null where that would be the longer way. */
  #countOn(user_id: string, read_seq: number, head_seq: number): UnreadCounts | null {
    const known = this.#counted.get(user_id);
    if (!known || known.read_seq > read_seq) return null;
    const steps = read_seq - known.read_seq + (head_seq - known.as_of_seq);
    if (steps >= head_seq - read_seq) return null;
    const passed = this.#between(user_id, known.read_seq, read_seq);
    const fresh = this.#between(user_id, known.as_of_seq, head_seq);
    return plus(minus(known, passed), fresh);
  }

  #between(user_id: string, after_seq: number, up_to_seq: number): UnreadCounts {
    return after_seq < up_to_seq
      ? this.#entries.countUnread(user_id, { after_seq, up_to_seq })
      : NOTHING_UNREAD;
  }
}

/** What a message that a member has not hidden adds to what it has left to read. */
function countsOf({ sender_id, deleted_at, extra }: Entry, user_id: string): UnreadCounts {
  if (sender_id === user_id || deleted_at !== null) return NOTHING_UNREAD;
  return { unread_count: 1, mention_count: extra?.mentions?.includes(user_id) ? 1 : 0 };
}

function plus(a: UnreadCounts, b: UnreadCounts): UnreadCounts {
  return {
    unread_count: a.unread_count + b.unread_count,
    mention_count: a.mention_count + b.mention_count,
  };
}

function minus(a: UnreadCounts, b: UnreadCounts): UnreadCounts {
  return {
    unread_count: a.unread_count - b.unread_count,
    mention_count: a.mention_count - b.mention_count,
  };
}
