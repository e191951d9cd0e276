import { LogLedger } from "../client/ledger.ts";

/** A conversation as this run knows it from acks and deliveries. */
export class SoakConversation {
  readonly log = new LogLedger();
  readonly conversation_id: string;
  readonly user_ids: readonly string[];
  /** The user of each sender; shared by all conversations. */
  readonly #senders: readonly { readonly user_id: string }[];
  /** The furthest place that was acked. */
  head_seq = 0;
  acked = 0;
  /** Up to where each user has read, on any of its devices. */
  readonly #read = new Map<string, number>();

  constructor(
    conversation_id: string,
    user_ids: readonly string[],
    senders: readonly { readonly user_id: string }[],
  ) {
    this.conversation_id = conversation_id;
    this.user_ids = user_ids;
    this.#senders = senders;
  }

  /** A message of this run is durable at this place. */
  noteAck(seq: number): void {
    this.acked++;
    this.head_seq = Math.max(this.head_seq, seq);
  }

  noteRead(user_id: string, seq: number): void {
    this.#read.set(user_id, Math.max(this.readSeq(user_id), seq));
  }

  readSeq(user_id: string): number {
    return this.#read.get(user_id) ?? 0;
  }

  /** What is unread by UNR-1: messages by others after the read mark. */
  unread(user_id: string, read_seq: number): number {
    let count = 0;
    for (let seq = read_seq + 1; seq <= this.head_seq; seq++) {
      const sender = this.log.senderAt(seq);
      if (sender !== null && this.#senders[sender]?.user_id !== user_id) count++;
    }
    return count;
  }
}
