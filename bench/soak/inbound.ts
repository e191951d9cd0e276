import { addFaults, type Faults } from "../client/faults.ts";
import type { LogLedger } from "../client/ledger.ts";
import { SeqRanges } from "./seq-ranges.ts";
import { type Sent, Stream } from "./stream.ts";

/**
 * An ack that was sent so long before its socket broke has surely been heard; of a later one nobody can tell. Where the
 * socket was closed in order, all have.
 */
const SURE_MS = 10_000;

/**
 * What one device has of one conversation, over all its sockets of both kinds: pushed, fetched from the history, or sent by
 * itself. In the end it must be the whole log. A device acknowledges for both kinds at once, so what it acknowledged on one need
 * not come on the other.
 */
export class Inbound {
  readonly #log: LogLedger;
  readonly #has = new SeqRanges();
  readonly #streams: Stream[] = [];
  /** Acks that may not have been heard. */
  #acks: { readonly seq: number; readonly at: number }[] = [];
  #acked = 0;
  /** What the server knows the device to have, and must not give it again. */
  #settled = 0;
  #isFresh = false;
  #wrongly_fetched = 0;

  constructor(log: LogLedger) {
    this.#log = log;
  }

  /** Where one kind of socket pushes. */
  openStream(): Stream {
    const stream = new Stream(this.#log);
    this.#streams.push(stream);
    return stream;
  }

  /** A message pushed on an open socket. False if it was known. */
  push(stream: Stream, seq: number, sent: Sent): boolean {
    if (!stream.push(seq, sent, this.#settled)) return false;
    const isNew = this.#has.add(seq);
    if (isNew || seq > this.#settled) this.#isFresh = true;
    return isNew;
  }

  /** One from the history. */
  fetch(seq: number, { sender, number }: Sent): void {
    if (!this.#log.agrees(seq, sender, number)) this.#wrongly_fetched++;
    if (this.#has.add(seq)) this.#isFresh = true;
  }

  /** One that this device has sent, and that was acked. */
  own(seq: number): void {
    this.#has.add(seq);
  }

  /** Up to where it has everything. */
  get whole(): number {
    return this.#has.whole;
  }

  /** What to acknowledge: up to where it has everything, if something of that came from others. Null if nothing is due. */
  get ackDue(): number | null {
    return this.#isFresh && this.#has.whole > this.#acked ? this.#has.whole : null;
  }

  acked(seq: number, now: number): void {
    this.#settle(now);
    this.#acked = seq;
    this.#isFresh = this.#has.last > seq;
    this.#acks.push({ seq, at: now });
  }

  /** The device has gone: in order, or cut off. */
  ended(isInOrder: boolean, now: number): void {
    for (const stream of this.#streams) stream.ended();
    this.#settle(isInOrder ? Number.POSITIVE_INFINITY : now);
    this.#acks = [];
    if (this.#acked <= this.#settled) return;
    // It may have to be said again.
    this.#acked = this.#settled;
    this.#isFresh = true;
  }

  /** How much of a log with this head it lacks. */
  missing(head_seq: number): number {
    return head_seq - this.#has.size;
  }

  /** What was wrong first with what was pushed, in words. */
  get complaints(): string[] {
    return this.#streams.flatMap(({ complaint }) => complaint ?? []);
  }

  get repeated(): number {
    return this.#streams.reduce((sum, { repeated }) => sum + repeated, 0);
  }

  faults(head_seq: number): Faults {
    const missing = this.missing(head_seq);
    const own = {
      lost: Math.max(0, missing),
      doubled: Math.max(0, -missing),
      reordered: this.#wrongly_fetched,
    };
    return this.#streams.reduce(
      (sum, { doubled, reordered }) => addFaults(sum, { lost: 0, doubled, reordered }),
      own,
    );
  }

  #settle(now: number): void {
    while (this.#acks.length > 0 && now - (this.#acks[0]?.at ?? now) > SURE_MS) {
      this.#settled = this.#acks.shift()?.seq ?? this.#settled;
    }
  }
}
