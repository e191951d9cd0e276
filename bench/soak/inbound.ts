import type { Faults } from "../client/faults.ts";
import type { LogLedger } from "../client/ledger.ts";
import { SeqRanges } from "./seq-ranges.ts";

/**
 * An ack that was sent so long before its socket broke has surely been heard; of a later one nobody can tell. Where the
 * socket was closed in order, all have.
 */
const SURE_MS = 10_000;

/** A message by its sender's lane and its number there. */
export interface Sent {
  readonly sender: number;
  readonly number: number;
}

/**
 * What one device has of one conversation, by one kind of socket and over as many sockets as it needed: pushed, fetched
 * from the history, or sent by itself. In the end it must be the whole log.
 */
export class Inbound {
  readonly #log: LogLedger;
  readonly #has = new SeqRanges();
  /** The last place pushed on the socket that is open. */
  #pushed = 0;
  /** Acks that may not have been heard. */
  #acks: { readonly seq: number; readonly at: number }[] = [];
  #acked = 0;
  /** What the server knows the device to have, and must not give it again. */
  #settled = 0;
  #isFresh = false;
  #doubled = 0;
  #reordered = 0;
  /** What was pushed again for want of an ack, as it may be (DLV-1). */
  repeated = 0;

  constructor(log: LogLedger) {
    this.#log = log;
  }

  /** A message pushed on the open socket. False if it was known. */
  push(seq: number, { sender, number }: Sent): boolean {
    if (seq === this.#pushed) this.#doubled++;
    else if (seq < this.#pushed) this.#reordered++;
    else return this.#take(seq, sender, number);
    return false;
  }

  /** One from the history. */
  fetch(seq: number, { sender, number }: Sent): void {
    if (!this.#log.agrees(seq, sender, number)) this.#reordered++;
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

  /** The socket has ended: in order, or cut off. */
  ended(isInOrder: boolean, now: number): void {
    this.#pushed = 0;
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

  faults(head_seq: number): Faults {
    const missing = this.missing(head_seq);
    return {
      lost: Math.max(0, missing),
      doubled: this.#doubled + Math.max(0, -missing),
      reordered: this.#reordered,
    };
  }

  #take(seq: number, sender: number, number: number): boolean {
    this.#pushed = seq;
    if (!this.#log.agrees(seq, sender, number)) this.#reordered++;
    const isNew = this.#has.add(seq);
    if (isNew || seq > this.#settled) this.#isFresh = true;
    if (isNew) return true;
    if (seq <= this.#settled) this.#doubled++;
    else this.repeated++;
    return false;
  }

  #settle(now: number): void {
    while (this.#acks.length > 0 && now - (this.#acks[0]?.at ?? now) > SURE_MS) {
      this.#settled = this.#acks.shift()?.seq ?? this.#settled;
    }
  }
}
