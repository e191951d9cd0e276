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

/** With more members than this, a hand-over repeated after an eviction costs more than the row that prevents it. */
const LAZY_SETTLE_MEMBERS = 8;

export interface FeedsContext {
  readonly store: ConversationStore;
  readonly state: () => ConversationState;
  readonly isWatching: (user_id: string) => boolean;
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
    if (record.settled_seq < head.seq) this.#settle_at = Date.now();
  }

  /** The feed of a member; begins where everyone had been served when the object last settled. */
  of(user_id: string): MemberFeed {
    let feed = this.#feeds.get(user_id);
    if (!feed) {
      feed = new MemberFeed(user_id, this.#startOf(user_id), {
        headSeq: () => this.#context.state().head.seq,
        entriesAfter: (seq, limit) => this.#entriesAfter(seq, limit),
        isWatching: this.#context.isWatching,
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
    this.kickAll();
  }

  kickAll(): void {
    for (const user_id of this.#context.state().members.keys()) void this.of(user_id).kick();
  }

  /** When the conversation has to look after its feeds (Unix ms); null if all is settled. */
  dueAt(): number | null {
    const retries = [...this.#feeds.values()].map((feed) => feed.retry_at);
    return earliest(this.#settle_at, ...retries);
  }

  /** The alarm fired: notes that all are served, or goes on serving. */
  settle(now: number): void {
    if (this.#isServed()) this.#settled();
    else {
      if (this.#settle_at !== null && this.#settle_at <= now) this.#settle_at = now + SETTLE_MS;
      this.kickAll();
    }
  }

  #startOf(user_id: string): number {
    const { record, members } = this.#context.state();
    return Math.max(record.settled_seq, members.get(user_id)?.joined_seq ?? 0);
  }

  #rested(): void {
    if (this.#isServed()) {
      this.#tail = [];
      this.#tailChars = 0;
      if (this.#context.state().members.size > LAZY_SETTLE_MEMBERS) this.#settled();
    }
    this.#context.rescheduled();
  }

  #isServed(): boolean {
    const { members, head } = this.#context.state();
    for (const user_id of members.keys()) if (this.of(user_id).served_seq < head.seq) return false;
    return true;
  }

  #settled(): void {
    const { record, head } = this.#context.state();
    this.#settle_at = null;
    if (record.settled_seq === head.seq) return;
    record.settled_seq = head.seq;
    this.#context.store.setSettled(head.seq);
  }

  #handOver(
    user_id: string,
    given: Pick<HandOver, "after_seq" | "entries" | "acks" | "ticks" | "read">,
  ): PromiseLike<HandOverReceipt> {
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
