import { agingBackoff } from "../../domain/backoff.ts";
import type {
  ForwardedAck,
  HandedEntry,
  HandOver,
  HandOverReceipt,
  ReadState,
} from "../../domain/hand-over.ts";
import { succeeding } from "../../domain/hidden.ts";
import { type Pace, type PaceRule, paced, pauseLeft } from "../../domain/pace.ts";
import { log } from "../../observability/log.ts";
import type { MarkAck } from "../../protocol/frames/message-ack.ts";
import { CallSlot } from "../runtime/time-limit.ts";
import type { Gate } from "./gate.ts";

/** At most this many entries in one call. */
const ENTRIES_PER_CALL = 200;

/** What the member has seen already, or only likes to know, goes at once when it comes alone, and under load in portions. */
const PORTIONS: PaceRule = { interval_ms: 250, burst: 4 };
/** The same while no device of the member's is connected: nobody looks at its inbox. */
const UNWATCHED_INTERVAL_MS = 1_000;
/** In a larger group that interval grows, so that the hand-overs of all its members do not. */
const MEMBERS_PER_INTERVAL = 100;

/** What a feed knows of a hand-over. */
export type HandedByFeed = Omit<HandOver, "face">;

/** What a feed needs of its conversation. */
export interface FeedSource {
  /** Bounds the calls under way of all the conversation's feeds. */
  readonly gate: Gate;
  memberCount(): number;
  /** The member gets the entries after this one: who comes back begins anew. */
  beginSeq(): number;
  headSeq(): number;
  /** When something last came that may be for this member (Unix ms). */
  newsAt(): number;
  entriesAfter(seq: number, limit: number): readonly HandedEntry[];
  /** Is there an entry after `seq` that the member has not seen, on a conversation socket or as its sender? */
  hasNews(user_id: string, seq: number): boolean;
  handOver(user_id: string, given: HandedByFeed): PromiseLike<HandOverReceipt>;
  received(user_id: string, receipt: HandOverReceipt): void;
  /** The member's object has not got what its devices have acknowledged here, and may not for long. */
  acksNotTaken(user_id: string): void;
  /** The feed has something to do. */
  began(): void;
  /** It has come to rest: everything is handed over, or it will try again at `retry_at`. */
  rested(): void;
}

/** What one call takes along. */
type Given = Pick<HandOver, "after_seq" | "entries" | "acks" | "ticks" | "read"> & {
  readonly must_call: boolean;
};

/**
 * Hands the log over to one member's object: one call in flight, and what comes meanwhile goes with the next. The state
 * lives in memory. After an eviction it is taken for granted that the member's object has everything; if it has not, its
 * next receipt says so, and it is served from there.
 */
export class MemberFeed {
  readonly user_id: string;
  readonly #source: FeedSource;
  readonly #call = new CallSlot();
  #served_seq: number;
  #must_call: boolean;
  /** A call is under way that takes more along than entries. */
  #isAsking = false;
  /** By device; those that the member's object may not have yet, and those it is known to have. */
  readonly #acks = new Map<string, ForwardedAck>();
  readonly #taken_acks = new Map<string, number>();
  #ticks = new Map<string, MarkAck>();
  #read: ReadState | null = null;
  #running: Promise<void> | null = null;
  #pace: Pace = 0;
  #endPause: (() => void) | null = null;
  /** Somebody waits for everything up to here. */
  #hurried_to = 0;
  #hurrying: { readonly seq: number; readonly resolve: () => void }[] = [];
  #failures = 0;
  /** When the last hand-over failed (Unix ms); null if it did not, or is tried again. */
  #failed_at: number | null = null;
  #listening = false;
  /** How far the member's object has got is known since this object woke. */
  isKnown = false;

  /** `is_new`: the member's object may not know of the conversation yet. */
  constructor(user_id: string, served_seq: number, is_new: boolean, source: FeedSource) {
    this.user_id = user_id;
    this.#served_seq = served_seq;
    this.#must_call = is_new;
    this.#source = source;
  }

  /** A device socket of the member was open when it was last served. */
  get listening(): boolean {
    return this.#listening;
  }

  /** A call is under way, or about to be made. */
  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** When a failed hand-over is tried again (Unix ms): sooner if there is news. */
  get retry_at(): number | null {
    if (this.#failed_at === null) return null;
    return this.#failed_at + agingBackoff(this.#failures, this.#failed_at - this.#source.newsAt());
  }

  /** Everything is handed over, and nothing is on its way. */
  get isServed(): boolean {
    return this.#running === null && !this.#hasWork();
  }

  /** Calls the member's object even if there is no entry for it: to tell it of the conversation, or to learn where it is. */
  mustCall(): void {
    this.#must_call = true;
  }

  /** An ack that rides on the next call: only the furthest of a device is worth telling, since they are cumulative. */
  addAck(ack: ForwardedAck): void {
    if (this.ackedSeq(ack.device_id) < ack.seq) this.#acks.set(ack.device_id, ack);
  }

  /** The same, for an ack that cannot wait. False if the member's object has it. */
  sendAck(ack: ForwardedAck): boolean {
    this.addAck(ack);
    this.#must_call ||= this.#acks.has(ack.device_id);
    return this.#must_call;
  }

  /** Up to where a device is known to have acknowledged on a conversation socket. */
  ackedSeq(device_id: string): number {
    return Math.max(this.#acks.get(device_id)?.seq ?? 0, this.#taken_acks.get(device_id) ?? 0);
  }

  /** Only the newest of a member's marks is worth telling. */
  addTick(tick: MarkAck): void {
    this.#ticks.set(`${tick.user_id} ${tick.status}`, tick);
  }

  setRead(read: ReadState): void {
    this.#read = succeeding(this.#read, read);
  }

  /** Hands over without a pause up to `seq`, and what else there is. Resolves when that is done, or has failed. */
  hurry(seq: number, now: number): Promise<void> {
    this.#must_call ||= this.#ticks.size > 0 || this.#read !== null;
    if (this.#served_seq >= seq && !this.#must_call && !this.#isAsking) return Promise.resolve();
    this.#hurried_to = Math.max(this.#hurried_to, seq);
    const served = new Promise<void>((resolve) => this.#hurrying.push({ seq, resolve }));
    // A feed that waits to try again has nothing better to offer.
    if (this.#running === null && this.#isWaiting(now)) this.#endHurry(Infinity);
    else void this.kick(now);
    return served;
  }

  /** The member has left, and knows it. */
  end(): void {
    this.#must_call = false;
    this.#ticks.clear();
    this.#read = null;
  }

  #endHurry(served_seq: number): void {
    const [done, rest] = [
      this.#hurrying.filter(({ seq }) => seq <= served_seq),
      this.#hurrying.filter(({ seq }) => seq > served_seq),
    ];
    this.#hurrying = rest;
    for (const { resolve } of done) resolve();
  }

  /** Starts handing over, if there is anything to and it is time. Resolves when the feed rests. */
  kick(now: number): Promise<void> {
    this.#call.enforce(now);
    if (this.#running === null && (this.#isWaiting(now) || !this.#hasWork())) return Promise.resolve();
    if (this.#endPause && this.#pauseLeft(now) === 0) this.#endPause();
    if (this.#running === null) {
      this.#source.began();
      this.#running = this.#run().finally(() => {
        this.#running = null;
        this.#source.rested();
      });
    }
    return this.#running;
  }

  /** It is not time to try again. */
  #isWaiting(now: number): boolean {
    const { retry_at } = this;
    return retry_at !== null && now < retry_at;
  }

  #hasWork(): boolean {
    const hasEntries = this.#served_seq < this.#source.headSeq();
    return hasEntries || this.#must_call || this.#ticks.size > 0 || this.#read !== null;
  }

  async #run(): Promise<void> {
    this.#failed_at = null;
    while (this.#hasWork()) {
      const pause_ms = this.#pauseLeft(Date.now());
      if (pause_ms > 0) await this.#pause(pause_ms);
      await this.#source.gate.enter();
      try {
        if (!(await this.#callOnce())) return;
      } finally {
        this.#source.gate.leave();
      }
    }
  }

  /** False if it failed. */
  async #callOnce(): Promise<boolean> {
    let given: Given | null = null;
    try {
      given = this.#take();
      this.#isAsking = given.must_call || given.ticks.length > 0 || given.read !== null;
      this.#served(given, await this.#handOver(given));
      return true;
    } catch (error) {
      this.#failed(given, error);
      return false;
    } finally {
      this.#isAsking = false;
    }
  }

  #handOver({ must_call: _, ...given }: Given): Promise<HandOverReceipt> {
    this.#pace = paced(this.#pace, this.#portions, Date.now());
    return this.#call.run(this.#source.handOver(this.user_id, given));
  }

  /** How long the next call can wait for more to go with it (ms). */
  #pauseLeft(now: number): number {
    const isFull = this.#source.headSeq() - this.#served_seq >= ENTRIES_PER_CALL;
    const isHurried = this.#served_seq < this.#hurried_to;
    if (isFull || isHurried || this.#must_call || this.#source.hasNews(this.user_id, this.#served_seq))
      return 0;
    return pauseLeft(this.#pace, this.#portions, now);
  }

  get #portions(): PaceRule {
    if (this.#listening) return PORTIONS;
    const intervals = Math.max(1, this.#source.memberCount() / MEMBERS_PER_INTERVAL);
    return { ...PORTIONS, interval_ms: UNWATCHED_INTERVAL_MS * intervals };
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endPause?.(), ms);
      this.#endPause = () => {
        clearTimeout(timer);
        this.#endPause = null;
        resolve();
      };
    });
  }

  #take(): Given {
    const after_seq = Math.max(this.#served_seq, this.#source.beginSeq());
    const given = {
      must_call: this.#must_call,
      after_seq,
      entries: this.#source.entriesAfter(after_seq, ENTRIES_PER_CALL),
      acks: [...this.#acks.values()],
      ticks: [...this.#ticks.values()],
      read: this.#read,
    };
    this.#must_call = false;
    if (this.#ticks.size > 0) this.#ticks = new Map();
    this.#read = null;
    return given;
  }

  #served(given: Given, receipt: HandOverReceipt): void {
    const expected = given.entries.at(-1)?.seq ?? given.after_seq;
    // A member's object that is behind says so, and is served from there. One that claims the same place twice is stuck.
    if (receipt.head_seq < expected && receipt.head_seq >= given.after_seq && given.entries.length > 0) {
      throw new Error(`the member's object stays at ${receipt.head_seq} of ${expected}`);
    }
    this.#served_seq = Math.min(receipt.head_seq, this.#source.headSeq());
    this.#failures = 0;
    for (const { device_id, seq } of given.acks) {
      const taken_seq = Math.min(seq, receipt.head_seq);
      this.#taken_acks.set(device_id, taken_seq);
      if ((this.#acks.get(device_id)?.seq ?? 0) <= taken_seq) this.#acks.delete(device_id);
    }
    if (receipt.listening && !this.#listening) this.#pace = 0;
    this.#listening = receipt.listening;
    this.#source.received(this.user_id, receipt);
    this.isKnown = true;
    if (this.#hurrying.length > 0 && !this.#must_call) this.#endHurry(this.#served_seq);
  }

  /** What was not taken goes with the next call, unless something newer has come meanwhile; null: nothing was given. */
  #failed(given: Given | null, error: unknown): void {
    this.#failures++;
    this.#failed_at = Date.now();
    this.#endHurry(Infinity);
    log("warn", "hand-over failed", { failures: this.#failures, error: String(error) });
    if (!given) return;
    const newer = [...this.#ticks.values()];
    for (const tick of [...given.ticks, ...newer]) this.addTick(tick);
    this.#must_call ||= given.must_call;
    if (given.read) this.#read = this.#read ? succeeding(given.read, this.#read) : given.read;
    if (given.acks.length > 0) this.#source.acksNotTaken(this.user_id);
  }
}
