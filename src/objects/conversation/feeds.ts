import type {
  ForwardedAck,
  HandedEntry,
  HandOver,
  HandOverReceipt,
  PublishedEntry,
} from "../../domain/hand-over.ts";
import { errorFields, log } from "../../observability/log.ts";
import { earliest } from "../runtime/alarm-clock.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";
import { Gate } from "./gate.ts";
import { type HandedByFeed, MemberFeed } from "./member-feed.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore } from "./store.ts";
import { Tail } from "./tail.ts";
import { LogView } from "./view.ts";

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
  /** When something last came that a member's object is to hear of (Unix ms); at first, as far as the log tells. */
  #news_at: number;

  constructor(context: FeedsContext) {
    this.#context = context;
    const { record, head } = context.state();
    this.#woke_at_seq = head.seq;
    this.#wokeUnsure = Math.max(record.settled_seq, context.vouched()) < head.seq;
    this.#isUnsure = this.#wokeUnsure;
    this.#news_at = Math.max(record.created_at, head.created_at);
  }

  /** A crash may have kept someone from being served. */
  get isUnsure(): boolean {
    return this.#isUnsure;
  }

  /** The feed of a member. */
  of(user_id: string): MemberFeed {
    let feed = this.#feeds.get(user_id);
    if (!feed) {
      const { served_seq, must_call } = this.#beginning(user_id);
      feed = new MemberFeed(user_id, served_seq, must_call, {
        gate: this.#gate,
        memberCount: () => this.#context.state().members.size,
        beginSeq: () => this.#context.state().member(user_id)?.joined_seq ?? 0,
        headSeq: () => this.#context.state().headFor(user_id),
        newsAt: () => this.#news_at,
        entriesAfter: (seq, limit) => this.#entriesAfter(user_id, seq, limit),
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

  /** Who has left has been told: nothing more goes to it. */
  end(user_id: string): void {
    this.#feeds.get(user_id)?.end();
    this.#feeds.delete(user_id);
  }

  /** New entries are durable: everyone is to have them. */
  publish(entries: readonly PublishedEntry[], now: number): void {
    this.#tail.push(entries);
    this.#settleBy(now + SETTLE_MS);
    this.kickAll(now);
  }

  kick(user_id: string, now: number): void {
    this.#news_at = now;
    const feed = this.of(user_id);
    void feed.kick(now);
    this.#armToRetry([feed]);
  }

  /** Learns how far a member's object has got, if its answer is not on its way. */
  ask(user_id: string, now: number): void {
    const feed = this.of(user_id);
    if (feed.isRunning) return;
    feed.mustCall();
    this.kick(user_id, now);
  }

  /**
   * Takes an ack to its user's object, if that has not got it: nothing remembers it here from now on. Who has left, and been
   * told, gets no call (CONV-4).
   */
  forwardAck(user_id: string, ack: ForwardedAck, now: number): void {
    if (!this.#context.state().hears(user_id)) return;
    if (this.of(user_id).sendAck(ack)) this.kick(user_id, now);
  }

  /** Up to where a device has acknowledged on a conversation socket, as far as that is known here. */
  ackedSeq(user_id: string, device_id: string): number {
    return this.#context.state().hears(user_id) ? this.of(user_id).ackedSeq(device_id) : 0;
  }

  /** Resolves when a member's object has what is in the log now, or cannot be reached. */
  serve(user_id: string, now: number): Promise<void> {
    this.#news_at = now;
    const feed = this.of(user_id);
    // After a crash nobody here knows what it has.
    if (this.#isUnsure && !feed.isKnown) feed.mustCall();
    const served = this.#hurry(user_id, now);
    this.#armToRetry([feed]);
    return served;
  }

  /** Starts every feed that has something to hand over. Nobody waits: a busy feed would hold on to all who did. */
  kickAll(now: number): void {
    this.#news_at = now;
    for (const user_id of this.#everyone()) void this.of(user_id).kick(now);
    this.#armToRetry(this.#feeds.values());
  }

  /** Tells every member's object of the conversation. Resolves when the feeds rest. */
  async introduce(now: number): Promise<void> {
    this.#news_at = now;
    this.#settleBy(now + SETTLE_MS);
    const feeds = this.#everyone().map((user_id) => this.of(user_id));
    for (const feed of feeds) feed.mustCall();
    await Promise.all(feeds.map((feed) => feed.kick(now)));
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
   * What is first heard of a member's delivered mark, the others may have been told before this object woke. A large group has
   * it in a row, if it came to write it.
   */
  isNewsOld(user_id: string): boolean {
    return (this.#isSmall || this.#wokeUnsure) && !this.of(user_id).isKnown;
  }

  /** Sees to it that what is left to do is done. */
  arm(): void {
    this.#armToRetry(this.#feeds.values());
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
    const unserved = this.#unserved();
    // Who could not be reached is tried again when its feed says so.
    if (unserved.some(({ retry_at }) => retry_at === null)) this.#settleBy(Date.now() + SETTLE_MS);
    else if (unserved.length === 0 && !this.#isSmall) this.#note(this.#context.state().head.seq);
  }

  /** Everyone's delivered mark is known when this resolves, or its object does not answer. */
  async learnMarks(now: number): Promise<void> {
    if (!this.#isSmall || this.#knowsAll()) return;
    this.#askAll();
    await this.#serveAll(now);
  }

  /** Everyone the log goes to. */
  #everyone(): string[] {
    return Array.from(this.#context.state().audience(), ({ user_id }) => user_id);
  }

  /** From where a feed serves, and whether its member's object has to be called at any rate. */
  #beginning(user_id: string): { served_seq: number; must_call: boolean } {
    const { record, members, leaving } = this.#context.state();
    const { left_seq } = leaving.get(user_id) ?? {};
    // Nothing says whether it has heard: it is asked.
    if (left_seq) return { served_seq: left_seq, must_call: true };
    const joined_seq = members.get(user_id)?.joined_seq ?? 0;
    const must_call = record.settled_seq < 0;
    return { served_seq: must_call ? joined_seq : Math.max(this.#woke_at_seq, joined_seq), must_call };
  }

  get #isSmall(): boolean {
    return this.#context.state().members.size <= SMALL_MEMBERS;
  }

  /** Everyone has said since this object woke how far it has got. */
  #knowsAll(): boolean {
    return this.#everyone().every((user_id) => this.of(user_id).isKnown);
  }

  #askAll(): void {
    this.#isUnsure = false;
    for (const user_id of this.#everyone()) {
      const feed = this.of(user_id);
      if (!feed.isKnown) feed.mustCall();
    }
  }

  /** What is in the log now goes to everyone who lacks it; what comes meanwhile is not waited for. */
  async #serveAll(now: number): Promise<void> {
    try {
      await withTimeLimit(Promise.all(this.#everyone().map((user_id) => this.#hurry(user_id, now))));
    } catch (error) {
      log("warn", "hand-overs take too long", errorFields(error));
    }
  }

  #hurry(user_id: string, now: number): Promise<void> {
    return this.of(user_id).hurry(this.#context.state().headFor(user_id), now);
  }

  #armToRetry(feeds: Iterable<MemberFeed>): void {
    let retry_at: number | null = null;
    for (const feed of feeds) retry_at = earliest(retry_at, feed.retry_at);
    if (retry_at !== null) this.#context.alarmAt(retry_at);
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
    if (this.#unserved().length === 0) {
      this.#tail.clear();
      this.#isUnsure &&= !this.#knowsAll();
      const { record, head } = this.#context.state();
      if (record.settled_seq < 0) this.#note(head.seq);
      else if (this.#isSmall && !this.#isUnsure) this.#context.vouch(head.seq);
    }
    this.arm();
  }

  #unserved(): MemberFeed[] {
    return this.#everyone()
      .map((user_id) => this.of(user_id))
      .filter((feed) => !feed.isServed);
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
    const member = state.member(user_id);
    if (!member) return Promise.reject(new Error("no longer a member"));
    return this.#context.handOver(user_id, { face: state.faceFor(member), ...given });
  }

  #entriesAfter(user_id: string, seq: number, limit: number): readonly HandedEntry[] {
    const { store } = this.#context;
    const state = this.#context.state();
    const head_seq = state.headFor(user_id);
    const inMemory = this.#tail.after(seq, limit, user_id);
    if (inMemory) return inMemory.filter((entry) => entry.seq <= head_seq);
    const member = state.member(user_id);
    if (!member) return [];
    return new LogView(store, state).handed(store.entries.first(seq, head_seq + 1, limit), member);
  }
}
