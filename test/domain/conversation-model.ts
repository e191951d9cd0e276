import { type Entry, isChange, messageOf, updateOf } from "../../src/domain/entry.ts";
import {
  type ForwardedAck,
  type HandedEntry,
  type HandOver,
  type HandOverReceipt,
  handEntry,
  type ReadState,
} from "../../src/domain/hand-over.ts";
import { deleteMessage, editMessage, type MessageChanged } from "../../src/domain/message-changes.ts";
import type { Counts } from "../../src/domain/unread.ts";
import type { MarkStatus } from "../../src/protocol/frames/message-ack.ts";
import { CONVERSATION, entryOf, ME, NOW, OTHER } from "./samples.ts";

export type Call = Omit<HandOver, "face" | "ticks">;

/**
 * A conversation as a member's object meets it: the log, my read mark, and the feed that hands both over (compare
 * src/objects/conversation/member-feed.ts). Counts are taken from the log, as UNR-1 defines them.
 */
export class ConversationModel {
  /** As its tables keep it: messages in their current state, changes where they were made. */
  readonly #entries: Entry[] = [];
  readonly #origins: (string | null)[] = [];
  read_seq = 0;
  inFlight: Call | null = null;
  #served_seq = 0;
  #acks: ForwardedAck[] = [];
  #read: ReadState | null = null;
  /** What I have deleted for myself, in that order. */
  readonly #hidden: number[] = [];

  get head_seq(): number {
    return this.#entries.length;
  }

  /** The entries after a place, as they are read from the tables now. */
  entriesAfter(seq: number, limit = Number.POSITIVE_INFINITY): HandedEntry[] {
    return this.#entries.slice(seq, seq + limit).map((entry) => this.#handed(entry));
  }

  /** The last message up to an entry that I have not hidden. */
  lastShown(up_to_seq: number): number {
    const isShown = ({ kind, seq }: Entry) =>
      kind === "message" && seq <= up_to_seq && !this.#hidden.includes(seq);
    return this.#entries.findLast(isShown)?.seq ?? 0;
  }

  get hasWork(): boolean {
    return this.#served_seq < this.head_seq || this.#acks.length > 0 || this.#read !== null;
  }

  /** UNR-1, word for word: what was unread when the log ended at an entry, to who had hidden so many messages. */
  unread(read_seq: number, as_of_seq: number, hidden_count = this.#hidden.length): Counts {
    const hidden = this.#hidden.slice(0, hidden_count);
    const mentions = new Map<number, readonly string[]>();
    for (const entry of this.#entries.slice(0, as_of_seq)) {
      if (entry.kind === "message" && entry.sender_id !== ME && entry.seq > read_seq)
        mentions.set(entry.seq, entry.extra?.first_mentions ?? entry.extra?.mentions ?? []);
      const { target_seq } = entry;
      if (target_seq === null || !mentions.has(target_seq)) continue;
      if (entry.kind === "deleted") mentions.delete(target_seq);
      else if (entry.kind === "edited") mentions.set(target_seq, entry.extra?.mentions ?? []);
    }
    for (const seq of hidden) mentions.delete(seq);
    return {
      unread: mentions.size,
      mentions: [...mentions.values()].filter((user_ids) => user_ids.includes(ME)).length,
    };
  }

  /** An entry by the other one or, if a device is named, by me from there. */
  post(origin_device_id: string | null, isMention: boolean): void {
    this.#append(
      {
        sender_id: origin_device_id === null ? OTHER : ME,
        extra: isMention ? { mentions: [ME] } : null,
      },
      origin_device_id ?? "phone",
    );
  }

  /** Somebody edits or deletes one of the messages, if there is one left. */
  change(which: number, isDeletion: boolean, isMention: boolean): void {
    const messages = this.#entries.filter(
      ({ kind, deleted_at }) => kind === "message" && deleted_at === null,
    );
    const target = messages[which % Math.max(1, messages.length)];
    if (!target) return;
    const edit = { content: `edited at ${this.head_seq}` };
    const changed = isDeletion
      ? deleteMessage(target, NOW)
      : editMessage(target, edit, isMention ? [ME] : [], NOW);
    if (changed) this.#apply(target, changed, isDeletion ? "deleted" : "edited");
  }

  /** I delete one of the messages for myself, deleted or not; nothing if I had. */
  hide(which: number): void {
    const messages = this.#entries.filter(({ kind }) => kind === "message");
    const target = messages[which % Math.max(1, messages.length)];
    if (!target || this.#hidden.includes(target.seq)) return;
    this.#hidden.push(target.seq);
    this.#read = this.#readState(this.#hidden.length - 1);
  }

  #apply(target: Entry, { state, extra }: MessageChanged, kind: "deleted" | "edited"): void {
    this.#entries[target.seq - 1] = { ...target, ...state };
    this.#append({ kind, sender_id: target.sender_id, target_seq: target.seq, extra }, null);
  }

  #append(entry: Partial<Entry>, origin: string | null): void {
    this.#entries.push(entryOf(this.head_seq + 1, entry));
    this.#origins.push(origin);
  }

  #handed(entry: Entry): HandedEntry {
    const target = this.#entries[(entry.target_seq ?? 0) - 1] ?? null;
    const message = messageOf(target ?? entry, CONVERSATION);
    const payload = isChange(entry) ? updateOf(entry, message) : message;
    const handed = handEntry(entry, target, this.#origins[entry.seq - 1] ?? null, JSON.stringify(payload));
    return this.#hidden.includes(message.seq) ? { ...handed, is_hidden: true } : handed;
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
    const entries = this.entriesAfter(after_seq, max_entries);
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
    const { hidden_count = 0 } = receipt;
    if (hidden_count < this.#hidden.length) this.#read = this.#readState(hidden_count);
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

  /** `known_count`: of how many hidden messages my object knows; without it, it is told of none. */
  #readState(known_count = this.#hidden.length): ReadState {
    const { read_seq, head_seq: as_of_seq } = this;
    const { unread, mentions } = this.unread(read_seq, as_of_seq);
    const news = this.#hidden.slice(known_count).map((seq, index) => ({
      ...{ place: known_count + index + 1, seq, message_id: `${seq}` },
      before: this.#messageBefore(seq),
    }));
    const unread_seqs = this.#hidden.filter((seq) => seq > read_seq);
    const hidden = { count: this.#hidden.length, unread_seqs, news };
    return { read_seq, unread_count: unread, mention_count: mentions, as_of_seq, hidden };
  }

  #messageBefore(seq: number): string | null {
    const shown = this.#entries.filter(
      (entry) => entry.kind === "message" && entry.seq < seq && !this.#hidden.includes(entry.seq),
    );
    const last = shown.at(-1);
    return last ? JSON.stringify(messageOf(last, CONVERSATION)) : null;
  }
}
