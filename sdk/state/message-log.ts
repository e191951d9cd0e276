import type { HistoryPage, Message } from "../../src/protocol/message.ts";
import {
  addRange,
  addRanges,
  hasSeq,
  NOTHING,
  overlapOf,
  type Range,
  type Ranges,
  topOf,
} from "../sync/ranges.ts";

/** A message, and as of which entry of its conversation it is known to be so. */
export interface HeldMessage {
  readonly message: Message;
  readonly version: number;
}

/** Which entries a page of the history tells of: all of them, changes included. */
export function coverageOf(
  page: HistoryPage,
  query: { readonly before_seq?: number; readonly after_seq?: number },
): Range {
  if (query.after_seq !== undefined)
    return { from_seq: query.after_seq + 1, to_seq: page.next_after_seq ?? page.head_seq };
  const first = page.items[0]?.seq;
  const to_seq = Math.min((query.before_seq ?? page.head_seq + 1) - 1, page.head_seq);
  // Nothing is shown before the first page: what came before it was a change, or is not to be read (CONV-5).
  return { from_seq: page.has_more ? (first ?? to_seq + 1) : 1, to_seq };
}

/**
 * What a device holds of one conversation: messages as they are now. Frames and pages may come in any order and again: of two
 * states of a message the one of the later entry counts, so that the outcome is the same.
 */
export class MessageLog {
  readonly #messages = new Map<number, HeldMessage>();
  readonly #hidden = new Set<number>();
  #held: Ranges = NOTHING;
  #sorted: readonly Message[] | null = null;
  #shown: readonly Message[] | null = null;

  /** Entries that are known here: each is a message that is held, or a change that is in what is held. */
  get held(): Ranges {
    return this.#held;
  }

  /** What the user has deleted for itself. */
  get hidden(): readonly number[] {
    return [...this.#hidden];
  }

  get(seq: number): HeldMessage | undefined {
    return this.#messages.get(seq);
  }

  /** Held as this device has sent them: nothing that the server says of them has come. */
  get unconfirmed(): Message[] {
    return this.#all().filter(({ seq }) => (this.get(seq)?.version ?? seq) < seq);
  }

  /** Entries are known from here on. */
  cover(from_seq: number, to_seq: number): void {
    this.#held = addRange(this.#held, from_seq, to_seq);
  }

  /** A message as it was after entry `version`. False if nothing newer came. */
  take(message: Message, version: number): boolean {
    const known = this.#messages.get(message.seq);
    if (known && known.version >= version) return false;
    this.#set({ message, version });
    return true;
  }

  /**
   * A message as an answer to a request has it, which does not say as of which entry: taken if nothing has changed it since
   * `version`, which was there when the request was made. Whatever the log says later counts more.
   */
  takeAnswer(message: Message, version: number | undefined): boolean {
    if (this.#messages.get(message.seq)?.version !== version) return false;
    this.#set({ message, version: version ?? message.seq });
    return true;
  }

  /** The user has deleted a message for itself: it stays hidden, whatever comes of it later, or again. */
  hide(seq: number): void {
    this.#hidden.add(seq);
    this.#shown = null;
  }

  /** Nothing of it is known any more. */
  clear(): void {
    this.#messages.clear();
    this.#held = NOTHING;
    this.#forgetOrder();
  }

  get size(): number {
    return this.#messages.size;
  }

  /** Drops what does not lie in one of these stretches, nor among the newest messages; it is read again when somebody looks. */
  keep(stretches: readonly Range[], newest: number): void {
    const wanted = addRanges(NOTHING, [...stretches, { from_seq: this.keptFrom(newest), to_seq: Infinity }]);
    for (const seq of this.#messages.keys()) if (!hasSeq(wanted, seq)) this.#messages.delete(seq);
    this.#held = overlapOf(this.#held, wanted);
    this.#forgetOrder();
  }

  /** Where the newest so many messages to be shown begin: 1 if there are no more, nowhere (`Infinity`) if it is to be none. */
  newestFrom(count: number): number {
    return newestFrom(this.from(1), count);
  }

  /** The same of all that are held. What is kept begins there: to hide one does not move it back onto what was never written. */
  keptFrom(count: number): number {
    return newestFrom(this.#all(), count);
  }

  /** All messages to be shown with `seq` at least `from_seq`, ascending. */
  from(from_seq: number): readonly Message[] {
    this.#shown ??= this.#all().filter(({ seq }) => !this.#hidden.has(seq));
    const begin = this.#shown.findIndex(({ seq }) => seq >= from_seq);
    return begin < 0 ? [] : begin === 0 ? this.#shown : this.#shown.slice(begin);
  }

  /** Those of them up to `to_seq`. */
  between(from_seq: number, to_seq: number): readonly Message[] {
    const messages = this.from(from_seq);
    const end = messages.findIndex(({ seq }) => seq > to_seq);
    return end < 0 ? messages : messages.slice(0, end);
  }

  /**
   * From where on there is something to show without a hole, going back from `head_seq`, the newest entry that is known of. A hole
   * after `filled_after` is about to be filled and is passed over. Null if there is nothing.
   */
  windowStart(head_seq: number, filled_after: number | null): number | null {
    let start: number | null = null;
    let next = Math.max(head_seq, topOf(this.#held)) + 1;
    for (const { from_seq, to_seq } of [...this.#held].reverse()) {
      const isFilled = filled_after !== null && to_seq >= filled_after;
      if (to_seq < next - 1 && !isFilled) break;
      start = from_seq;
      next = from_seq;
    }
    return start;
  }

  #set(held: HeldMessage): void {
    this.#messages.set(held.message.seq, held);
    this.#forgetOrder();
  }

  #forgetOrder(): void {
    this.#sorted = null;
    this.#shown = null;
  }

  #all(): readonly Message[] {
    this.#sorted ??= [...this.#messages.values()].map(({ message }) => message).sort((a, b) => a.seq - b.seq);
    return this.#sorted;
  }
}

function newestFrom(messages: readonly Message[], count: number): number {
  return messages.length > count ? (messages[messages.length - count]?.seq ?? Infinity) : 1;
}
