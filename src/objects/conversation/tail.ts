import { type HandedEntry, handedTo, type PublishedEntry } from "../../domain/hand-over.ts";

/** So many entries stay in memory for the hand-overs under way; older ones are read from the log. */
const MAX_ENTRIES = 2_000;
const MAX_CHARS = 4_000_000;

/** The end of the log, in memory while someone has still to be served. Entries are ascending, without a gap. */
export class Tail {
  #entries: PublishedEntry[] = [];
  #chars = 0;

  push(entries: readonly PublishedEntry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry);
      this.#chars += charsOf(entry);
    }
    this.#trim();
  }

  clear(): void {
    this.#entries = [];
    this.#chars = 0;
  }

  /** At most `limit` entries after `seq`, as `user_id` gets them; null if they are not here any more. */
  after(seq: number, limit: number, user_id: string): readonly HandedEntry[] | null {
    const first = this.#entries[0]?.handed.seq;
    if (first === undefined || seq + 1 < first) return null;
    const start = seq + 1 - first;
    return this.#entries.slice(start, start + limit).map((entry) => handedTo(entry, user_id));
  }

  /** Is there an entry after `seq` by somebody else? What is not here any more may be. */
  hasNewsFor(user_id: string, seq: number): boolean {
    const newest = this.#entries.at(-1)?.handed;
    if (!newest || newest.seq <= seq) return false;
    if (isNews(newest, user_id)) return true;
    const first = this.#entries[0]?.handed.seq ?? newest.seq;
    return seq + 1 < first || this.#entries.some(({ handed }) => handed.seq > seq && isNews(handed, user_id));
  }

  #trim(): void {
    let dropped = 0;
    while (this.#entries.length - dropped > MAX_ENTRIES || this.#chars > MAX_CHARS) {
      const oldest = this.#entries[dropped];
      if (!oldest) break;
      this.#chars -= charsOf(oldest);
      dropped++;
    }
    if (dropped > 0) this.#entries.splice(0, dropped);
  }
}

/** A message is no news to its sender; of a change every device is told. */
function isNews({ kind, sender_id }: HandedEntry, user_id: string): boolean {
  return kind !== "message" || sender_id !== user_id;
}

function charsOf({ handed }: PublishedEntry): number {
  return handed.payload.length;
}
