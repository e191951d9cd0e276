import type { LogLedger } from "./ledger.ts";
import { SendLedger } from "./ledger.ts";

/** A message array ends after so many frames (docs/protocol.md §3). */
const MAX_FRAMES = 100;

/** 100 characters of content; with them a message is what people send, and what the prototype was measured with. */
const CONTENT = "x".repeat(100);

const NUMBER_AT = 24;
const SENDER_AT = 19;

/** The messages of one seat: their frames, and what became of them. */
export class Sender {
  readonly ledger: SendLedger;
  readonly #send: (text: string) => void;
  readonly #isBatch: boolean;
  readonly #head: string;
  #frames: string[] = [];

  constructor(
    log: LogLedger,
    index: number,
    { tag, conversation_id, batch }: { tag: string; conversation_id: string; batch: boolean },
    send: (text: string) => void,
  ) {
    this.ledger = new SendLedger(log, index);
    this.#isBatch = batch;
    this.#send = send;
    const key = `${tag}-0000-7000-${String(index).padStart(4, "0")}-`;
    this.#head = `{"type":"MESSAGE_SEND","payload":{"conversation_id":"${conversation_id}","client_message_id":"${key}`;
  }

  get inFlight(): number {
    return this.ledger.sent - this.ledger.acked;
  }

  /** Puts a message into the next array; `flush` sends it. */
  add(due_at: number): void {
    this.#put(this.ledger.send(due_at));
  }

  /** Sends again, in order, what was not acked on a connection that has ended; answers the numbers. */
  resend(): number[] {
    const unacked = this.ledger.unacked();
    for (const number of unacked) this.#put(number);
    this.flush();
    return unacked;
  }

  flush(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    this.#frames = [];
    this.#send(frames.length === 1 ? (frames[0] ?? "") : `[${frames.join(",")}]`);
  }

  #put(number: number): void {
    this.#frames.push(`${this.#head}${String(number).padStart(12, "0")}","content":"${CONTENT}"}}`);
    if (this.#frames.length === MAX_FRAMES || !this.#isBatch) this.flush();
  }
}

/** Which message a `client_message_id` names; null if it is not of this run. */
export function readKey(key: string, tag: string): { sender: number; number: number } | null {
  if (!key.startsWith(tag)) return null;
  return { sender: Number(key.slice(SENDER_AT, SENDER_AT + 4)), number: Number(key.slice(NUMBER_AT)) };
}
