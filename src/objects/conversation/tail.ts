import type { HandedEntry } from "../../domain/hand-over.ts";

/** So many entries stay in memory for the hand-overs under way; older ones are read from the log. */
const MAX_ENTRIES = 2_000;
const MAX_CHARS = 4_000_000;

/** The end of the log, in memory while someone has still to be served. Entries are ascending, without a gap. */
export class Tail {
  #entries: HandedEntry[] = [];
  #chars = 0;

  push(entries: readonly HandedEntry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry);
      this.#chars += entry.message.length;
    }
    this.#trim();
  }

  clear(): void {
    this.#entries = [];
    this.#chars = 0;
  }

  /** At most `limit` entries after `seq`; null if they are not here any more. */
  after(seq: number, limit: number): readonly HandedEntry[] | null {
    const first = this.#entries[0]?.seq;
    if (first === undefined || seq + 1 < first) return null;
    const start = seq + 1 - first;
    return this.#entries.slice(start, start + limit);
  }

  /** Is there an entry after `seq` by somebody else? What is not here any more may be. */
  hasNewsFor(user_id: string, seq: number): boolean {
    const newest = this.#entries.at(-1);
    if (!newest || newest.seq <= seq) return false;
    if (newest.sender_id !== user_id) return true;
    const entries = this.after(seq, MAX_ENTRIES);
    return entries === null || entries.some(({ sender_id }) => sender_id !== user_id);
  }

  #trim(): void {
    let dropped = 0;
    while (this.#entries.length - dropped > MAX_ENTRIES || this.#chars > MAX_CHARS) {
      const oldest = this.#entries[dropped];
      if (!oldest) break;
      this.#chars -= oldest.message.length;
      dropped++;
    }
    if (dropped > 0) this.#entries.splice(0, dropped);
  }
}
