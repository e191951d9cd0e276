import { Sender } from "../client/sender.ts";
import type { SoakConversation } from "./conversation.ts";

/** Where a lane's messages go while its device is there. */
export interface Way {
  send(text: string): void;
}

/** What one device sends into one conversation, over as many sockets as it needs. */
export class Lane {
  readonly user_id: string;
  readonly conversation: SoakConversation;
  readonly #sender: Sender;
  readonly #resent = new Set<number>();
  #way: Way | null = null;

  constructor(conversation: SoakConversation, user_id: string, place: { index: number; tag: string }) {
    this.conversation = conversation;
    this.user_id = user_id;
    const { conversation_id, log } = conversation;
    const format = { tag: place.tag, conversation_id, batch: true };
    this.#sender = new Sender(log, place.index, format, (text) => this.#way?.send(text));
  }

  get isOpen(): boolean {
    return this.#way !== null;
  }

  get ledger() {
    return this.#sender.ledger;
  }

  get inFlight(): number {
    return this.#sender.inFlight;
  }

  /** The device is there: what was not acked is sent again, first of all. */
  open(way: Way): void {
    this.#way = way;
    for (const number of this.#sender.resend()) this.#resent.add(number);
  }

  shut(): void {
    this.#way = null;
  }

  send(due_at: number): void {
    this.#sender.add(due_at);
    this.#sender.flush();
  }

  /** Notes an ack; false if there was one before. */
  ack(number: number, seq: number): boolean {
    if (!this.ledger.ack(number, seq)) return false;
    this.conversation.noteAck(seq);
    return true;
  }

  /** How long a message has been under way; null for one that had to wait for its device to come back. */
  age(number: number, now: number): number | null {
    return this.#resent.has(number) ? null : now - this.ledger.dueAt(number);
  }
}
