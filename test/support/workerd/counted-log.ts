import fc from "fast-check";
import { expect } from "vitest";
import { type Entry, NO_MESSAGE } from "../../../src/domain/entry.ts";
import type { Range, UnreadCounts } from "../../../src/objects/conversation/entry-store.ts";
import { UnreadCounter } from "../../../src/objects/conversation/unread-counter.ts";

export const READERS = ["bob", "cem"] as const;

/** A log of messages alone, with what is unread of it by its definition, and a counter that hears of all that happens to it (UNR-1). */
export class CountedLog {
  readonly #entries: Entry[] = [];
  readonly #hidden = new Set<string>();
  readonly #read = new Map<string, number>();
  readonly #counter = new UnreadCounter(this);

  countUnread(user_id: string, { after_seq, up_to_seq }: Range): UnreadCounts {
    const unread = this.#entries.slice(after_seq, up_to_seq).filter(({ seq, sender_id, deleted_at }) => {
      const isThere = deleted_at === null && !this.#hidden.has(hiding(user_id, seq));
      return isThere && sender_id !== user_id;
    });
    const naming = unread.filter(({ extra }) => extra?.mentions?.includes(user_id));
    return { unread_count: unread.length, mention_count: naming.length };
  }

  send(sender_id: string, mentions: readonly string[]): void {
    const seq = this.#entries.length + 1;
    const common = { ...NO_MESSAGE, kind: "message", created_at: 0 } as const;
    this.#entries.push({ ...common, seq, message_id: `${seq}`, sender_id, extra: { mentions } });
  }

  /** Everything before the entry at `index`. */
  read(user_id: string, index: number): void {
    const target = this.#at(index);
    if (!target) return;
    const read_seq = Math.max(this.#read.get(user_id) ?? 0, target.seq - 1);
    this.#read.set(user_id, read_seq);
    const head_seq = this.#entries.length;
    const whole = this.countUnread(user_id, { after_seq: read_seq, up_to_seq: head_seq });
    expect(this.#counter.count(user_id, read_seq, head_seq)).toEqual(whole);
  }

  hide(user_id: string, index: number): void {
    const target = this.#at(index);
    if (!target || this.#hidden.has(hiding(user_id, target.seq))) return;
    this.#hidden.add(hiding(user_id, target.seq));
    this.#counter.hide(user_id, target);
  }

  /** Has a message name others, or deletes it. */
  change(index: number, mentions: readonly string[] | null): void {
    const before = this.#at(index);
    if (!before || before.deleted_at !== null) return;
    const changed = mentions ? { extra: { mentions } } : { extra: null, deleted_at: 1 };
    const after = { ...before, ...changed };
    this.#entries[before.seq - 1] = after;
    const hiders = READERS.filter((user_id) => this.#hidden.has(hiding(user_id, before.seq)));
    this.#counter.change(before, after, new Set(hiders));
  }

  #at(index: number): Entry | undefined {
    return this.#entries[index % Math.max(1, this.#entries.length)];
  }
}

function hiding(user_id: string, seq: number): string {
  return `${user_id} ${seq}`;
}

type Step = (log: CountedLog) => void;

const readerArb = fc.constantFrom(...READERS);
const mentionsArb = fc.subarray([...READERS]);
const sendArb = fc.tuple(fc.constantFrom("alice", ...READERS), mentionsArb).map(
  ([sender_id, mentions]): Step =>
    (log) =>
      log.send(sender_id, mentions),
);
const readArb = fc.tuple(readerArb, fc.nat()).map(
  ([user_id, index]): Step =>
    (log) =>
      log.read(user_id, index),
);
const hideArb = fc.tuple(readerArb, fc.nat()).map(
  ([user_id, index]): Step =>
    (log) =>
      log.hide(user_id, index),
);
const changeArb = fc.tuple(fc.nat(), fc.option(mentionsArb)).map(
  ([index, mentions]): Step =>
    (log) =>
      log.change(index, mentions),
);

/** Something that happens to a log. */
export const stepArb: fc.Arbitrary<Step> = fc.oneof(sendArb, readArb, hideArb, changeArb);
