import type { HandedEntry, HandOver, HandOverReceipt } from "../../domain/hand-over.ts";
import { earliest } from "../runtime/alarm-clock.ts";
import { TurnEnd } from "../runtime/turn.ts";
import { MemberFeed } from "./member-feed.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore } from "./store.ts";

/** So many entries stay in memory for the hand-overs under way; older ones are read from the log. */
const TAIL_ENTRIES = 500;
const TAIL_CHARS = 1_000_000;

/**
 * How long after a commit the conversation looks whether everyone has been served: the safety net under a crash between
 * commit and hand-over. Not sooner, since the alarm that looks is a billed row.
 */
const SETTLE_MS = 15_000;

/** A member with an open conversation socket has seen the entries; its object hears of them in larger portions. */
const WATCHED_PAUSE_MS = 100;

/** With more members than this, a hand-over repeated after an eviction costs more than the row that prevents it. */
const LAZY_SETTLE_MEMBERS = 8;

export interface FeedsContext {
  readonly store: ConversationStore;
  readonly state: () => ConversationState;
  /** The members who have the conversation open on a conversation socket. */
  readonly watching: () => ReadonlySet<string>;
  readonly handOver: (user_id: string, handOver: HandOver) => PromiseLike<HandOverReceipt>;
  readonly received: (user_id: string, receipt: HandOverReceipt) => void;
  /** The next due time may have changed. */
  readonly rescheduled: () => void;
}

/** The feeds of all members, the entries on their way, and how far all have been served. */
export class Feeds {
  readonly #context: FeedsContext;
  readonly #feeds = new Map<string, MemberFeed>();
  /** Once per turn, however many of a large group's feeds come to rest in it. */
  readonly #restCheck = new TurnEnd(() => this.#rested());
  #tail: HandedEntry[] = [];
  #tailChars = 0;
  #settle_at: number | null = null;

  constructor(context: FeedsContext) {
    this.#context = context;
    const { record, head } = context.state();
    if (record.settled_seq < head.seq) this.#settle_at = Date.now() + SETTLE_MS;
  }

  /** The feed of a member; begins where everyone had been served when the object last settled. */
  of(user_id: string): MemberFeed {
    let feed = this.#feeds.get(user_id);
    if (!feed) {
      const isNew = this.#context.state().record.settled_seq < 0;
      feed = new MemberFeed(user_id, this.#startOf(user_id), isNew, {
        headSeq: () => this.#context.state().head.seq,
        entriesAfter: (seq, limit) => this.#entriesAfter(seq, limit),
        handOver: (id, given) => this.#handOver(id, given),
        received: this.#context.received,
        rested: () => this.#restCheck.schedule(),
      });
      this.#feeds.set(user_id, feed);
    }
    return feed;
  }

  /** New entries are durable: everyone is to have them. */
  publish(entries: readonly HandedEntry[], now: number): void {
    this.#tail.push(...entries);
    for (const { entry } of entries) this.#tailChars += entry.content.length;
    this.#trimTail();
    this.#settle_at ??= now + SETTLE_MS;
    this.#context.rescheduled();
    void this.kickAll();
  }

  kick(user_id: string): void {
    void this.of(user_id).kick(this.#context.watching().has(user_id) ? WATCHED_PAUSE_MS : 0);
  }

  /** Starts every feed that has something to hand over. Resolves when they rest. */
  async kickAll(): Promise<void> {
    const watching = this.#context.watching();
    const user_ids = [...this.#context.state().members.keys()];
    await Promise.all(
      user_ids.map((user_id) => this.of(user_id).kick(watching.has(user_id) ? WATCHED_PAUSE_MS : 0)),
    );
  }

  /** Tells every member's object of the conversation. */
  introduce(): Promise<void> {
    this.#context.rescheduled();
    for (const user_id of this.#context.state().members.keys()) this.of(user_id).introduce();
    return this.kickAll();
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
    this.#settle_at ??= now + SETTLE_MS;
    this.#context.rescheduled();
  }

  /** When the conversation has to look after its feeds (Unix ms); null if all is settled. */
  dueAt(): number | null {
    const retries = [...this.#feeds.values()].map((feed) => feed.retry_at);
    return earliest(this.#settle_at, ...retries);
  }

  /**
   * The alarm fired: serves who has not been served, and notes that all are. In one go, since an object that sleeps in
   * between would begin again.
   */
  async settle(): Promise<void> {
    // Not due again meanwhile; after a crash the platform repeats the alarm.
    this.#settle_at = null;
    await this.kickAll();
    if (this.#isServed()) this.#settled();
    else this.#settle_at ??= Date.now() + SETTLE_MS;
  }

  #startOf(user_id: string): number {
    const { record, members } = this.#context.state();
    return Math.max(record.settled_seq, members.get(user_id)?.joined_seq ?? 0, 0);
  }

  #rested(): void {
    if (this.#isServed()) {
      this.#tail = [];
      this.#tailChars = 0;
      const { members, record } = this.#context.state();
      if (members.size > LAZY_SETTLE_MEMBERS || record.settled_seq < 0) this.#settled();
    }
    this.#context.rescheduled();
  }

  #isServed(): boolean {
    for (const user_id of this.#context.state().members.keys()) if (!this.of(user_id).isServed) return false;
    return true;
  }

  #settled(): void {
    const { record, head } = this.#context.state();
    this.#settle_at = null;
    if (record.settled_seq === head.seq) return;
    record.settled_seq = head.seq;
    this.#context.store.setSettled(head.seq);
  }

  #handOver(user_id: string, given: Omit<HandOver, "face">): PromiseLike<HandOverReceipt> {
    const state = this.#context.state();
    const member = state.members.get(user_id);
    if (!member) return Promise.reject(new Error("no longer a member"));
    return this.#context.handOver(user_id, { face: state.faceFor(member), ...given });
  }

  #entriesAfter(seq: number, limit: number): readonly HandedEntry[] {
    const first = this.#tail[0]?.entry.seq;
    if (first !== undefined && seq + 1 >= first)
      return this.#tail.slice(seq + 1 - first, seq + 1 - first + limit);
    const { head } = this.#context.state();
    return this.#context.store
      .firstEntries(seq, head.seq + 1, limit)
      .map((entry) => ({ entry, origin_device_id: null }));
  }

  #trimTail(): void {
    let dropped = 0;
    while (this.#tail.length - dropped > TAIL_ENTRIES || this.#tailChars > TAIL_CHARS) {
      const oldest = this.#tail[dropped];
      if (!oldest) break;
      this.#tailChars -= oldest.entry.content.length;
      dropped++;
    }
    if (dropped > 0) this.#tail.splice(0, dropped);
  }
}
