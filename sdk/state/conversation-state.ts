import type { Conversation } from "../../src/protocol/conversation.ts";
import type { LogEvent } from "../sync/events.ts";
import {
  announce,
  beginAt,
  contiguousSeq,
  hasReceived,
  NO_POSITION,
  type Position,
  receive,
  skipTo,
} from "../sync/position.ts";
import { type Range, topOf } from "../sync/ranges.ts";
import type { Marks } from "./marks.ts";
import type { Memberships } from "./membership.ts";
import { MessageLog } from "./message-log.ts";
import { MAX_SHOWN, type Stretch } from "./stretch.ts";
import { NOBODY_TYPES, type Typers } from "./typing.ts";

/** What a device knows of one conversation. */
export class ConversationState {
  readonly conversation_id: string;
  readonly log = new MessageLog();
  marks: Marks = {};
  typers: Typers = NOBODY_TYPES;
  /** Null until it was told or fetched. */
  details: Conversation | null = null;
  /** Only those of whom something was heard, until the list was fetched. */
  memberships: Memberships = {};
  hasMemberList = false;
  /** It is on screen, or somebody pages back in it. */
  isLookedAt = false;
  /** With this entry its user has left, or it was deleted: nothing of it is kept. Null if neither. */
  #over_seq: number | null = null;
  /** What somebody has gone back to; null while the newest messages are shown. */
  visited: Stretch | null = null;
  /** The newest entry as the pages of the history told it, and as one that reached it did: what comes after that is pushed. */
  #paged_head_seq = 0;
  #loaded_seq: number | null = null;
  #position: Position = NO_POSITION;
  /** What has come and not been told yet, since something before it is missing. By `seq`. */
  readonly #untold = new Map<number, LogEvent>();
  #told_seq = 0;

  constructor(conversation_id: string, position: Position = NO_POSITION) {
    this.conversation_id = conversation_id;
    this.#position = position;
    this.#told_seq = contiguousSeq(position) ?? 0;
  }

  get isOver(): boolean {
    return this.#over_seq !== null;
  }

  /** Does what ends with this entry tell of the time before it was over? */
  wasOverAfter(seq: number): boolean {
    return this.#over_seq !== null && seq < this.#over_seq;
  }

  end(seq: number): void {
    this.#over_seq = seq;
  }

  /** Its user is a member, perhaps again: what was known before was not kept. */
  beginAnew(): void {
    if (this.isOver) this.log.clear();
    this.#over_seq = null;
  }

  get position(): Position {
    return this.#position;
  }

  hasReceived(seq: number): boolean {
    return hasReceived(this.#position, seq);
  }

  /** Null: nothing is known yet. */
  get shown(): Stretch | null {
    const shown = this.visited ?? this.#newest();
    // Of a message from before its user came a change of it brings the place, and no text (CONV-5).
    return shown && { ...shown, from_seq: Math.max(shown.from_seq, this.#first_seq) };
  }

  #newest(): Stretch | null {
    const { newest_from } = this;
    if (newest_from === null) return null;
    return { from_seq: Math.max(newest_from, this.log.newestFrom(MAX_SHOWN)), to_seq: null };
  }

  /** From here on its user reads. */
  get #first_seq(): number {
    return (this.details?.readable_after_seq ?? 0) + 1;
  }

  /** The newest entry that is known of, whether it is here or not. */
  get head_seq(): number {
    return Math.max(topOf(this.log.held), this.#paged_head_seq, this.details?.head_seq ?? 0);
  }

  /** There is more before what is shown, as far as one knows. */
  get hasEarlier(): boolean {
    const { shown } = this;
    return shown === null || shown.from_seq > this.#first_seq;
  }

  /** From where on everything up to the newest is here, or null. What is missing further on is on its way. */
  get newest_from(): number | null {
    return this.log.windowStart(this.#paged_head_seq, this.#position.base ?? this.#loaded_seq);
  }

  /** A page of the history has come; it was read when the log had come to `head_seq`. */
  takeCoverage({ from_seq, to_seq }: Range, head_seq: number): void {
    this.log.cover(from_seq, to_seq);
    this.#paged_head_seq = Math.max(this.#paged_head_seq, head_seq);
    if (to_seq >= head_seq) this.#loaded_seq = Math.max(this.#loaded_seq ?? 0, to_seq);
  }

  /** The server pushes to this device from here on. */
  beginAt(first_seq: number): void {
    this.#position = beginAt(this.#position, first_seq);
  }

  skipTo(first_seq: number): void {
    this.#position = skipTo(this.#position, first_seq);
  }

  announce(gap: Range): void {
    this.#position = announce(this.#position, gap);
  }

  /** An entry has come; `event` is what to tell of it. False if it was there. */
  receive(seq: number, event: LogEvent | null): boolean {
    if (this.hasReceived(seq)) return false;
    if (event) this.#untold.set(seq, event);
    this.#position = receive(this.#position, seq, seq);
    return true;
  }

  receiveRange({ from_seq, to_seq }: Range): void {
    this.#position = receive(this.#position, from_seq, to_seq);
  }

  /** What can be told now: everything up to the first hole, in order. */
  tell(): LogEvent[] {
    const up_to = contiguousSeq(this.#position);
    if (up_to === null || up_to <= this.#told_seq) return [];
    const seqs = [...this.#untold.keys()].filter((seq) => seq <= up_to).sort((a, b) => a - b);
    this.#told_seq = up_to;
    return seqs.flatMap((seq) => {
      const event = this.#untold.get(seq);
      this.#untold.delete(seq);
      return event ? [event] : [];
    });
  }
}
