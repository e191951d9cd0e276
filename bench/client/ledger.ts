import type { Faults } from "./faults.ts";
import { NumberLog } from "./number-log.ts";

/** Who sent a message and which of its own it is, as one number. */
const SENDER_STEP = 2 ** 32;

/** The log of one conversation as its members see it: at each place the same message for everyone. */
export class LogLedger {
  readonly #messages = new NumberLog();
  /** Below the first place that this run can meet. */
  #origin: number | null = null;

  /** False if another message was seen at this place. */
  agrees(seq: number, sender: number, number: number): boolean {
    this.#origin ??= Math.max(0, seq - 100_000);
    const message = sender * SENDER_STEP + number;
    const known = this.#messages.get(seq - this.#origin);
    if (Number.isNaN(known)) this.#messages.set(seq - this.#origin, message);
    return Number.isNaN(known) || known === message;
  }

  /** Who sent the message at this place; null if none was seen there. */
  senderAt(seq: number): number | null {
    const known = this.#messages.get(seq - (this.#origin ?? 0));
    return Number.isNaN(known) ? null : Math.floor(known / SENDER_STEP);
  }
}

/** What one sender has sent, and what of it was acked and where. */
export class SendLedger {
  readonly #due_at = new NumberLog();
  readonly #seqs = new NumberLog();
  readonly #log: LogLedger;
  readonly #sender: number;
  #last_seq = 0;
  #doubled = 0;
  #reordered = 0;
  acked = 0;

  constructor(log: LogLedger, sender: number) {
    this.#log = log;
    this.#sender = sender;
  }

  get sent(): number {
    return this.#due_at.length;
  }

  /** Notes a message that was due at `due_at`, and answers its number. */
  send(due_at: number): number {
    this.#due_at.push(due_at);
    return this.#due_at.length - 1;
  }

  dueAt(number: number): number {
    return this.#due_at.get(number);
  }

  /** The numbers of those that were not acked, ascending. */
  unacked(): number[] {
    const numbers: number[] = [];
    // Acks come nearly in order, so those that lack one are at the end.
    for (let number = this.sent - 1; numbers.length < this.sent - this.acked; number--)
      if (Number.isNaN(this.#seqs.get(number))) numbers.push(number);
    return numbers.reverse();
  }

  /** Notes an ack. False if the message was acked before. */
  ack(number: number, seq: number): boolean {
    if (!Number.isNaN(this.#seqs.get(number))) {
      this.#doubled++;
      return false;
    }
    this.#seqs.set(number, seq);
    this.acked++;
    if (seq <= this.#last_seq || !this.#log.agrees(seq, this.#sender, number)) this.#reordered++;
    this.#last_seq = Math.max(this.#last_seq, seq);
    return true;
  }

  faults(): Faults {
    return { lost: this.sent - this.acked, doubled: this.#doubled, reordered: this.#reordered };
  }
}

/** What one member has received of a conversation. */
export class ReceiveLedger {
  readonly #log: LogLedger;
  /** Places between the first and the last that did not come: the member's own messages, or what is lost or late. */
  readonly #missing = new Set<number>();
  #first_seq = 0;
  #doubled = 0;
  #reordered = 0;
  received = 0;
  last_seq = 0;

  constructor(log: LogLedger) {
    this.#log = log;
  }

  receive(seq: number, sender: number, number: number): void {
    if (this.received === 0) this.#first_seq = seq;
    else if (seq > this.last_seq) this.#passOver(this.last_seq + 1, seq);
    else if (seq < this.#first_seq) {
      this.#reordered++;
      this.#passOver(seq + 1, this.#first_seq);
      this.#first_seq = seq;
    } else if (this.#missing.delete(seq)) this.#reordered++;
    else {
      this.#doubled++;
      return;
    }
    this.received++;
    this.last_seq = Math.max(this.last_seq, seq);
    if (!this.#log.agrees(seq, sender, number)) this.#reordered++;
  }

  /** `owed`: how many messages the others have had acked. */
  faults(owed: number): Faults {
    return {
      lost: Math.max(0, owed - this.received),
      doubled: this.#doubled + Math.max(0, this.received - owed),
      reordered: this.#reordered,
    };
  }

  #passOver(from: number, to: number): void {
    for (let seq = from; seq < to; seq++) this.#missing.add(seq);
  }
}
