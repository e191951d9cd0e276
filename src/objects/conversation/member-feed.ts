import { backoffDelay } from "../../domain/backoff.ts";
import type {
  ForwardedAck,
  HandedEntry,
  HandOver,
  HandOverReceipt,
  ReadState,
} from "../../domain/hand-over.ts";
import { log } from "../../observability/log.ts";
import type { MarkAck } from "../../protocol/frames/message-ack.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";

/** At most this many entries in one call. */
const ENTRIES_PER_CALL = 200;
/** A member with an open conversation socket has seen the entries; its object hears of them in larger portions. */
const WATCHED_PAUSE_MS = 100;

/** What a feed needs of its conversation. */
export interface FeedSource {
  headSeq(): number;
  entriesAfter(seq: number, limit: number): readonly HandedEntry[];
  isWatching(user_id: string): boolean;
  handOver(
    user_id: string,
    given: Pick<HandOver, "after_seq" | "entries" | "acks" | "ticks" | "read">,
  ): PromiseLike<HandOverReceipt>;
  received(user_id: string, receipt: HandOverReceipt): void;
  /** The feed has come to rest: everything is handed over, or it will try again at `retry_at`. */
  rested(): void;
}

/**
 * Hands the log over to one member's object: one call in flight, and what comes meanwhile goes with the next. The state
 * lives in memory; after an eviction it begins again at the conversation's settled position, and the member's object
 * ignores what it has.
 */
export class MemberFeed {
  readonly user_id: string;
  readonly #source: FeedSource;
  #served_seq: number;
  #introduce = false;
  #acks: ForwardedAck[] = [];
  #ticks = new Map<string, MarkAck>();
  #read: ReadState | null = null;
  #running: Promise<void> | null = null;
  #failures = 0;
  /** A device socket of the member was open when it was last served. */
  listening = false;
  /** When a failed hand-over is tried again (Unix ms). */
  retry_at: number | null = null;

  constructor(user_id: string, served_seq: number, source: FeedSource) {
    this.user_id = user_id;
    this.#served_seq = served_seq;
    this.#source = source;
  }

  get served_seq(): number {
    return this.#served_seq;
  }

  /** Tells the member's object of the conversation even if there is no entry yet. */
  introduce(): Promise<void> {
    this.#introduce = true;
    return this.kick();
  }

  addAck(ack: ForwardedAck): void {
    this.#acks.push(ack);
  }

  /** Only the newest of a member's marks is worth telling. */
  addTick(tick: MarkAck): void {
    this.#ticks.set(`${tick.user_id} ${tick.status}`, tick);
  }

  setRead(read: ReadState): void {
    this.#read = read;
  }

  /** Starts handing over, if there is anything to. Resolves when the feed rests. */
  kick(): Promise<void> {
    if (this.retry_at !== null && Date.now() < this.retry_at) return Promise.resolve();
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      this.#source.rested();
    });
    return this.#running;
  }

  #hasWork(): boolean {
    const hasEntries = this.#served_seq < this.#source.headSeq();
    return (
      hasEntries || this.#introduce || this.#acks.length > 0 || this.#ticks.size > 0 || this.#read !== null
    );
  }

  async #run(): Promise<void> {
    this.retry_at = null;
    if (this.#source.isWatching(this.user_id)) await pause(WATCHED_PAUSE_MS);
    while (this.#hasWork()) {
      const given = this.#take();
      try {
        const receipt = await withTimeLimit(this.#source.handOver(this.user_id, given));
        this.#served(given, receipt);
      } catch (error) {
        this.#failed(given, error);
        return;
      }
    }
  }

  #take(): Pick<HandOver, "after_seq" | "entries" | "acks" | "ticks" | "read"> {
    const given = {
      after_seq: this.#served_seq,
      entries: this.#source.entriesAfter(this.#served_seq, ENTRIES_PER_CALL),
      acks: this.#acks,
      ticks: [...this.#ticks.values()],
      read: this.#read,
    };
    this.#introduce = false;
    this.#acks = [];
    this.#ticks = new Map();
    this.#read = null;
    return given;
  }

  #served(given: Pick<HandOver, "after_seq" | "entries">, receipt: HandOverReceipt): void {
    const expected = given.entries.at(-1)?.entry.seq ?? given.after_seq;
    // A member's object that is behind says so, and is served from there. One that claims the same place twice is stuck.
    if (receipt.head_seq < expected && receipt.head_seq >= given.after_seq && given.entries.length > 0) {
      throw new Error(`the member's object stays at ${receipt.head_seq} of ${expected}`);
    }
    this.#served_seq = Math.min(receipt.head_seq, this.#source.headSeq());
    this.#failures = 0;
    this.listening = receipt.listening;
    this.#source.received(this.user_id, receipt);
  }

  #failed(given: Pick<HandOver, "acks" | "ticks" | "read">, error: unknown): void {
    this.#failures++;
    this.retry_at = Date.now() + backoffDelay(this.#failures);
    this.#acks = [...given.acks, ...this.#acks];
    for (const tick of given.ticks) {
      const key = `${tick.user_id} ${tick.status}`;
      if (!this.#ticks.has(key)) this.#ticks.set(key, tick);
    }
    this.#read ??= given.read;
    log("warn", "hand-over failed", { failures: this.#failures, error: String(error) });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
