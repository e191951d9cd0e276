import type { HandOverReceipt } from "../../domain/hand-over.ts";
import { advanceMarks, type Marks } from "../../domain/marks.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import type { ConversationSocket } from "./attachment.ts";
import { type Commit, type MarkOutcome, markNow, marksOf, type PendingMark, readState } from "./commit.ts";
import type { Discretions } from "./discretions.ts";
import type { Feeds } from "./feeds.ts";
import { keepAck } from "./kept-acks.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore, MemberRecord } from "./store.ts";
import { type Tick, Ticks } from "./ticks.ts";

export interface MarksContext {
  readonly store: ConversationStore;
  readonly state: ConversationState;
  readonly sockets: SocketSet<ConversationSocket>;
  readonly feeds: Feeds;
  readonly discretions: Discretions;
  /** Queues a mark for the next commit. */
  readonly enqueue: (mark: PendingMark) => void;
}

/**
 * How far the members have got, and what the others are told of it (DLV-5). What is read is in the members' rows. What is
 * delivered their objects know, and in a large group a row: the first word of it after a sleep may be less than what the
 * others were told before.
 */
export class MemberMarks {
  readonly #context: MarksContext;
  readonly #ticks: Ticks;
  /** Delivered marks that were written into their members' rows, since their objects could not be reached. */
  readonly #kept = new Map<string, number>();
  /** Members whose delivered mark has moved, from where, and not been told: their objects are asked first. */
  readonly #untold = new Map<string, number>();
  readonly #woke_at = Date.now();

  constructor(context: MarksContext) {
    this.#context = context;
    this.#ticks = new Ticks(context);
  }

  /** A commit that went through has moved them. */
  adopt(moved: Commit["moved"]): void {
    const { state, discretions } = this.#context;
    for (const [user_id, marks] of moved) {
      const member = state.members.get(user_id);
      if (!member) continue;
      this.#set(member, marks);
      if (marks.read_seq !== member.read_seq) discretions.hasRead(user_id);
    }
  }

  /** Takes what a commit moved to the members' own objects, and to the others. */
  publish({ marks, moved, accepted }: Commit, now: number): void {
    for (const outcome of marks) this.#forward(outcome, now);
    if (moved.size > 0) this.#context.feeds.noteDelivered(now);
    this.#tell(marks, now);
    for (const user_id of accepted) this.tellWithheld(user_id, now);
  }

  /** What was kept from the others as long as the conversation was a request to this member. */
  tellWithheld(user_id: string, now: number): void {
    const { state } = this.#context;
    const member = state.members.get(user_id);
    if (!member) return;
    const { joined_seq, read_seq: seq, read_at: at } = state.shownMarks(member, true);
    const ack = { status: "read", conversation_id: state.id, user_id, seq, at } as const;
    if (seq > joined_seq) this.#ticks.tell([{ ack, after_seq: joined_seq }]);
    this.#tellWhenKnown(user_id, joined_seq, now);
  }

  /** A member's object says how far it has got. */
  received(member: MemberRecord, receipt: HandOverReceipt): void {
    const { discretions } = this.#context;
    const { user_id } = member;
    if (receipt.read_receipts !== undefined) discretions.noteReceipts(user_id, receipt.read_receipts);
    if (receipt.delivered_seq > member.delivered_seq) this.#noteDelivered(member, receipt);
    const after_seq = this.#untold.get(user_id);
    if (after_seq === undefined) return;
    this.#untold.delete(user_id);
    this.#tellDelivered(user_id, after_seq);
  }

  /** A member's object that has not heard of its read mark is told. */
  putRight({ user_id, read_seq }: MemberRecord, receipt: HandOverReceipt): void {
    if (receipt.read_seq >= read_seq || receipt.head_seq < read_seq) return;
    const { store, state, feeds } = this.#context;
    feeds.of(user_id).setRead(readState(store, user_id, read_seq, state.head.seq));
  }

  /** A mark of which the member's object may not hear before this object forgets it is worth a row, once. */
  keep(user_id: string): void {
    const { store, state } = this.#context;
    const member = state.members.get(user_id);
    if (!member || this.#kept.get(user_id) === member.delivered_seq) return;
    store.setMarks(user_id, marksOf(member));
    this.#kept.set(user_id, member.delivered_seq);
  }

  /** What came over a conversation socket, the user's object has to hear of. */
  #forward({ pending, result, has_read }: MarkOutcome, now: number): void {
    if (!result.ok || !pending.origin) return;
    const { sockets, state, feeds } = this.#context;
    const { user_id, origin } = pending;
    const { socket, device_id } = origin;
    const ack = { device_id, seq: Math.min(pending.seq, state.head.seq), at: now };
    // It rides on the next hand-over; but nothing remembers it here if its socket has closed meanwhile.
    if (keepAck(sockets, socket, ack)) feeds.of(user_id).addAck(ack);
    else feeds.forwardAck(user_id, ack, now);
    if (!result.value.read) return;
    // Of what is read the other devices hear now (UNR-2). A mark that moves nothing may still end what they marked as unread.
    feeds.of(user_id).setRead(result.value.read);
    if (has_read) feeds.owe(now);
    feeds.kick(user_id, now);
  }

  /**
   * Tells of marks that have moved; of delivered ones only what is not old news. One that is may be a single device's ack, or
   * a call that was on its way while a newer mark went along with a receipt: the user's object, which knows the furthest, is
   * asked first.
   */
  #tell(outcomes: readonly MarkOutcome[], now: number): void {
    const ticks: Tick[] = [];
    for (const { tick } of outcomes) {
      if (!tick) continue;
      const { user_id, status } = tick.ack;
      if (status === "delivered" && this.#context.feeds.isNewsOld(user_id)) {
        const after_seq = Math.min(tick.after_seq, this.#untold.get(user_id) ?? Infinity);
        this.#tellWhenKnown(user_id, after_seq, now);
      } else ticks.push(tick);
    }
    this.#ticks.tell(ticks);
  }

  #tellWhenKnown(user_id: string, after_seq: number, now: number): void {
    this.#untold.set(user_id, after_seq);
    this.#context.feeds.ask(user_id, now);
  }

  #tellDelivered(user_id: string, after_seq: number): void {
    const { state } = this.#context;
    const member = state.members.get(user_id);
    if (!member) return;
    const { delivered_seq: seq, delivered_at: at } = member;
    const ack = { status: "delivered", conversation_id: state.id, user_id, seq, at } as const;
    this.#ticks.tell([{ ack, after_seq }]);
  }

  #noteDelivered(member: MemberRecord, { delivered_seq, delivered_at }: HandOverReceipt): void {
    const { state, feeds, enqueue } = this.#context;
    const { user_id } = member;
    // What was delivered since the waking, nobody can have told before it.
    if (!feeds.isNewsOld(user_id) || delivered_at >= this.#woke_at) {
      enqueue({ ...markNow(user_id, "delivered", delivered_seq), at: delivered_at });
      return;
    }
    const { head } = state;
    this.#set(member, advanceMarks(marksOf(member), "delivered", delivered_seq, head.seq, delivered_at));
  }

  #set(member: MemberRecord, marks: Marks): void {
    this.#context.state.members.set(member.user_id, { ...member, ...marks });
  }
}
