import {
  type ForwardedAck,
  type HandedEntry,
  type HandOver,
  type HandOverReceipt,
  handEntry,
  type ReadState,
} from "../../src/domain/hand-over.ts";
import type { MarkStatus } from "../../src/protocol/frames/message-ack.ts";
import { CONVERSATION, entryOf, ME, OTHER } from "./samples.ts";

export type Call = Omit<HandOver, "face" | "ticks">;

/**
 * A conversation as a member's object meets it: the log, my read mark, and the feed that hands both over (compare
 * src/objects/conversation/member-feed.ts). Counts are taken from the log, as UNR-1 defines them.
 */
export class ConversationModel {
  readonly log: HandedEntry[] = [];
  read_seq = 0;
  inFlight: Call | null = null;
  #served_seq = 0;
  #acks: ForwardedAck[] = [];
  #read: ReadState | null = null;

  get head_seq(): number {
    return this.log.length;
  }

  get hasWork(): boolean {
    return this.#served_seq < this.head_seq || this.#acks.length > 0 || this.#read !== null;
  }

  /** UNR-1, word for word; as of an entry. */
  unread(read_seq: number, as_of_seq: number): number {
    return this.log.filter(
      ({ sender_id, deleted_at, seq }) =>
        sender_id !== ME && deleted_at === null && seq > read_seq && seq <= as_of_seq,
    ).length;
  }

  /** An entry by the other one or, if a device is named, by me from there. */
  post(origin_device_id: string | null, isDeleted: boolean): void {
    const entry = entryOf(this.head_seq + 1, {
      sender_id: origin_device_id === null ? OTHER : ME,
      deleted_at: isDeleted ? 1 : null,
    });
    this.log.push(handEntry(entry, CONVERSATION, origin_device_id ?? "phone"));
  }

  markRead(seq: number): ReadState {
    this.read_seq = Math.max(this.read_seq, Math.min(seq, this.head_seq));
    return this.#readState();
  }

  /** An ack on a conversation socket: my object hears of it with the next call. */
  forwardAck(ack: ForwardedAck, status: MarkStatus): void {
    this.#acks.push({ ...ack, seq: Math.min(ack.seq, this.head_seq) });
    if (status === "read") this.#read = this.markRead(ack.seq);
  }

  /** Makes the next call; one at a time. */
  call(max_entries: number): void {
    this.inFlight ??= this.#take(max_entries);
  }

  #take(max_entries: number): Call {
    const after_seq = this.#served_seq;
    const entries = this.log.slice(after_seq, after_seq + max_entries);
    const call = { after_seq, entries, acks: this.#acks, read: this.#read };
    this.#acks = [];
    this.#read = null;
    return call;
  }

  /** The call was answered. */
  received(receipt: Omit<HandOverReceipt, "listening">): void {
    this.inFlight = null;
    this.#served_seq = Math.min(receipt.head_seq, this.head_seq);
    if (receipt.read_seq < this.read_seq && receipt.head_seq >= this.read_seq) this.#read = this.#readState();
  }

  /** No answer came; the call may have been carried out, or may yet be. */
  failed(): Call | null {
    const call = this.inFlight;
    this.inFlight = null;
    if (call) this.#acks = [...call.acks, ...this.#acks];
    this.#read ??= call?.read ?? null;
    return call;
  }

  /** Evicted: the feed forgets everything, and begins again from a position that is settled. */
  crash(settled_seq: number): Call | null {
    const call = this.failed();
    this.#served_seq = Math.min(this.#served_seq, settled_seq);
    this.#acks = [];
    this.#read = null;
    return call;
  }

  #readState(): ReadState {
    const as_of_seq = this.head_seq;
    return { read_seq: this.read_seq, unread_count: this.unread(this.read_seq, as_of_seq), as_of_seq };
  }
}
