import {
  type ForwardedAck,
  type HandedEntry,
  type HandOver,
  type HandOverReceipt,
  handEntry,
} from "../../domain/hand-over.ts";
import { errorFields, log } from "../../observability/log.ts";
import { earliest } from "../runtime/alarm-clock.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";
import { Gate } from "./gate.ts";
import { type HandedByFeed, MemberFeed } from "./member-feed.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore } from "./store.ts";
import { Tail } from "./tail.ts";

/**
 * How long after a commit the alarm looks whether everyone has been served: the safety net under a crash between commit
 * and hand-over. Sooner than the platform puts an idle object to sleep (10 s), so that the one that made the commit can
 * say so from memory.
 */
const SETTLE_MS = 8_000;

/**
 * With more members than this, a row says how far all have been served and what they have received: asking them after
 * each waking would cost more.
 */
const SMALL_MEMBERS = 8;

/**
 * So many members are called at once. The answers of a thousand would stand in a row before the next message of the
 * conversation is committed.
 */
const CALLS_AT_ONCE = 64;

export interface FeedsContext {
  readonly store: ConversationStore;
  readonly state: () => ConversationState;
  /** Has the member the conversation open on a conversation socket? */
  readonly isWatching: (user_id: string) => boolean;
  /** What devices had acknowledged on conversation sockets before this object woke; their users' objects may have it. */
  readonly keptAcks: ReadonlyMap<string, readonly ForwardedAck[]>;
  readonly handOver: (user_id: string, handOver: HandOver) => PromiseLike<HandOverReceipt>;
  readonly received: (user_id: string, receipt: HandOverReceipt) => void;
  /** The member's object has not got what its devices have acknowledged here, and may not for long. */
  readonly acksNotTaken: (user_id: string) => void;
  /** The alarm has to fire by then (Unix ms). */
  readonly alarmAt: (due_at: number) => void;
  /** The same, unless the alarm is set for its open sockets anyway: who was cut off by a crash comes back sooner. */
  readonly alarmWithSockets: (due_at: number) => void;
  /** Up to where everyone had been served when the object went to sleep; 0 after a crash. */
  readonly vouched: () => number;
  readonly vouch: (served_seq: number) => void;
}

/** The feeds of all members, the entries on their way, and how far all have been served. */
export class Feeds {
  readonly #context: FeedsContext;
  readonly #feeds = new Map<string, MemberFeed>();
  readonly #tail = new Tail();
  readonly #gate = new Gate(CALLS_AT_ONCE);
  /** How many feeds have something to do. */
  #busy = 0;
  /** Where the log ended when this object woke. */
  readonly #woke_at_seq: number;
  /** Nothing said that everyone had been served when the object before this one ended. */
  readonly #wokeUnsure: boolean;
  /** The same, and not everyone has been asked since. */
  #isUnsure: boolean;
  #settle_at: number | null = null;

  constructor(context: FeedsContext) {
    this.#context = context;
    const { record, head } = context.state();
    this.#woke_at_seq = head.seq;
    this.#wokeUnsure = Math.max(record.settled_seq, context.vouched()) < head.seq;
    this.#isUnsure = this.#wokeUnsure;
  }

  /** A crash may have kept someone from being served. */
  get isUnsure(): boolean {
    return this.#isUnsure;
  }

  /** The feed of a member. */
  of(user_id: string): MemberFeed {
    let feed = this.#feeds.get(user_id);
    if (!feed) {
      const { record, members } = this.#context.state();
      const isNew = record.settled_seq < 0;
      const served_seq = isNew ? (members.get(user_id)?.joined_seq ?? 0) : this.#woke_at_seq;
      feed = new MemberFeed(user_id, served_seq, isNew, {
        gate: this.#gate,
        memberCount: () => this.#context.state().members.size,
        headSeq: () => this.#context.state().head.seq,
        entriesAfter: (seq, limit) => this.#entriesAfter(seq, limit),
        hasNews: (id, seq) => !this.#context.isWatching(id) && this.#tail.hasNewsFor(id, seq),
        handOver: (id, given) => this.#handOver(id, given),
        received: this.#context.received,
        acksNotTaken: this.#context.acksNotTaken,
        began: () => this.#busy++,
        rested: () => this.#rested(),
      });
      for (const ack of this.#context.keptAcks.get(user_id) ?? []) feed.addAck(ack);
      this.#feeds.set(user_id, feed);
    }
    return feed;
  }

  /** New entries are durable: everyone is to have them. */
  publish(entries: readonly HandedEntry[], now: number): void {
    this.#tail.push(entries);
    this.#settleBy(now + SETTLE_MS);
    void this.kickAll(now);
  }

  kick(user_id: string, now: number): void {
    void this.of(user_id).kick(now);
  }

  /** Learns how far a member's object has got, if its answer is not on its way. */
  ask(user_id: string, now: number): void {
    const feed = this.of(user_id);
    if (feed.isRunning) return;
    feed.mustCall();
    this.kick(user_id, now);
  }

  /** Takes an ack to its user's object, if that has not got it: nothing remembers it here from now on. */
  forwardAck(user_id: string, ack: ForwardedAck, now: number): void {
    if (this.of(user_id).sendAck(ack)) this.kick(user_id, now);
  }

  /** Resolves when a member's object has what is in the log now, or cannot be reached. */
  serve(user_id: string, now: number): Promise<void> {
    return this.of(user_id).hurry(this.#context.state().head.seq, now);
  }

  /** Starts every feed that has something to hand over. Resolves when they rest. */
  async kickAll(now: number): Promise<void> {
    const user_ids = [...this.#context.state().members.keys()];
    await Promise.all(user_ids.map((user_id) => this.of(user_id).kick(now)));
  }

  /** Tells every member's object of the conversation. */
  introduce(now: number): Promise<void> {
    this.#settleBy(now + SETTLE_MS);
    for (const user_id of this.#context.state().members.keys()) this.of(user_id).mustCall();
    return this.kickAll(now);
  }

  /**
   * Something was committed that a member's object must hear of, and that no new entry carries. Until it has, the
   * conversation does not count as settled, so that a crash cannot swallow it.
   */
  owe(now: number): void {
    const { record, head } = this.#context.state();
    if (record.settled_seq >= head.seq) {
      record.settled_seq = head.seq - 1;
      this.#context.store.setSettled(record.settled_seq);
    }
    if (this.#isSmall) this.#context.vouch(0);
    this.#settleBy(now + SETTLE_MS);
  }

  /** A member's mark moved, and no row says so yet. In a small conversation its object is asked when it matters. */
  noteDelivered(now: number): void {
    if (!this.#isSmall) this.owe(now);
  }

  /**
   * What a member's first receipt says, the others were told before this object woke. A large group has it in a row, if it
   * came to write it.
   */
  isNewsOld(user_id: string): boolean {
    return (this.#isSmall || this.#wokeUnsure) && !this.of(user_id).isKnown;
  }

  /** Sees to it that what is left to do is done. */
  arm(): void {
    const retry_at = earliest(...Array.from(this.#feeds.values(), (feed) => feed.retry_at));
    if (retry_at !== null) this.#context.alarmAt(retry_at);
    if (this.#settle_at !== null) this.#armToSettle(this.#settle_at);
  }

  /**
   * Serves who has not been served, and notes that all are: the alarm fired, or a client is back after what may have been
   * a crash. In one go, since an object that sleeps in between would begin again.
   */
  async settle(now: number): Promise<void> {
    // Not due again meanwhile; after a crash the platform repeats the alarm.
    this.#settle_at = null;
    if (this.#isUnsure) this.#askAll();
    await this.#serveAll(now);
    if (!this.#isServed()) this.#settleBy(Date.now() + SETTLE_MS);
    else if (!this.#isSmall) this.#note(this.#context.state().head.seq);
  }

  /** Everyone's delivered mark is known when this resolves, or its object does not answer. */
  async learnMarks(now: number): Promise<void> {
    if (!this.#isSmall || this.#knowsAll()) return;
    this.#askAll();
    await this.#serveAll(now);
  }

  get #isSmall(): boolean {
    return this.#context.state().members.size <= SMALL_MEMBERS;
  }

  /** Everyone has said since this object woke how far it has got. */
  #knowsAll(): boolean {
    for (const user_id of this.#context.state().members.keys()) if (!this.of(user_id).isKnown) return false;
    return true;
  }

  #askAll(): void {
    this.#isUnsure = false;
    for (const user_id of this.#context.state().members.keys()) {
      const feed = this.of(user_id);
      if (!feed.isKnown) feed.mustCall();
    }
  }

  /** What is in the log now goes to everyone who lacks it; what comes meanwhile is not waited for. */
  async #serveAll(now: number): Promise<void> {
    const user_ids = [...this.#context.state().members.keys()];
    try {
      await withTimeLimit(Promise.all(user_ids.map((user_id) => this.serve(user_id, now))));
    } catch (error) {
      log("warn", "hand-overs take too long", errorFields(error));
    }
  }

  #settleBy(due_at: number): void {
    this.#settle_at ??= due_at;
    this.#armToSettle(this.#settle_at);
  }

  #armToSettle(due_at: number): void {
    if (this.#isSmall) this.#context.alarmWithSockets(due_at);
    // There is a row to write, and by the time of the sockets' alarm the object would have slept, and forgotten.
    else this.#context.alarmAt(due_at);
  }

  #rested(): void {
    if (--this.#busy > 0) return;
    if (this.#isServed()) {
      this.#tail.clear();
      this.#isUnsure &&= !this.#knowsAll();
      const { record, head } = this.#context.state();
      if (record.settled_seq < 0) this.#note(head.seq);
      else if (this.#isSmall && !this.#isUnsure) this.#context.vouch(head.seq);
    }
    this.arm();
  }

  #isServed(): boolean {
    for (const user_id of this.#context.state().members.keys()) if (!this.of(user_id).isServed) return false;
    return true;
  }

  /** Writes how far all have been served, and what they have received; nothing if a row says so already. */
  #note(settled_seq: number): void {
    const { store, state } = this.#context;
    const { record } = state();
    const delivered = this.#isSmall ? record.delivered : state().deliveredMarks();
    if (record.settled_seq === settled_seq && record.delivered === delivered) return;
    record.settled_seq = settled_seq;
    record.delivered = delivered;
    store.setServed(settled_seq, delivered);
  }

  #handOver(user_id: string, given: HandedByFeed): PromiseLike<HandOverReceipt> {
    const state = this.#context.state();
    const member = state.members.get(user_id);
    if (!member) return Promise.reject(new Error("no longer a member"));
    return this.#context.handOver(user_id, { face: state.faceFor(member), ...given });
  }

  #entriesAfter(seq: number, limit: number): readonly HandedEntry[] {
    const { store } = this.#context;
    const { id, head } = this.#context.state();
    const inMemory = this.#tail.after(seq, limit);
    if (inMemory) return inMemory;
    return store.firstEntries(seq, head.seq + 1, limit).map((entry) => handEntry(entry, id, null));
  }
}
