import type { LogLedger } from "../client/ledger.ts";
import { SeqRanges } from "./seq-ranges.ts";

/** A message by its sender's lane and its number there. */
export interface Sent {
  readonly sender: number;
  readonly number: number;
}

/**
 * What one device was pushed of one conversation on one kind of socket, over as many of them as it needed. Each socket ascends
 * (SEQ-2); what came on one may come on the other kind as well (DLV-4).
 */
export class Stream {
  readonly #log: LogLedger;
  readonly #came = new SeqRanges();
  /** The last place pushed on the socket that is open. */
  #pushed = 0;
  doubled = 0;
  reordered = 0;
  /** What was pushed again for want of an ack, as it may be (DLV-1). */
  repeated = 0;
  /** What was wrong first, in words. */
  complaint: string | null = null;

  constructor(log: LogLedger) {
    this.#log = log;
  }

  /** `settled_seq`: what the server knows the device to have, and must not give it again. False if it came out of order. */
  push(seq: number, { sender, number }: Sent, settled_seq: number): boolean {
    if (seq <= this.#pushed) {
      if (seq === this.#pushed) this.doubled++;
      else this.reordered++;
      this.complaint ??= `${seq} came after ${this.#pushed} on one socket`;
      return false;
    }
    this.#pushed = seq;
    if (!this.#log.agrees(seq, sender, number)) this.reordered++;
    if (this.#came.add(seq)) return true;
    if (seq <= settled_seq) {
      this.doubled++;
      this.complaint ??= `${seq} came again, although it was acknowledged up to ${settled_seq}`;
    } else this.repeated++;
    return true;
  }

  /** The next socket begins anew. */
  ended(): void {
    this.#pushed = 0;
  }
}
