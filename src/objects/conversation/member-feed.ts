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
/** What a feed needs of its conversation. */
export interface FeedSource {
  headSeq(): number;
  entriesAfter(seq: number, limit: number): readonly HandedEntry[];
  handOver(user_id: string, given: Omit<HandOver, "face">): PromiseLike<HandOverReceipt>;
  received(user_id: string, receipt: HandOverReceipt): void;
  /** The feed has come to rest: everything is handed over, or it will try again at `retry_at`. */
  rested(): void;
}

/** What one call takes along. */
type Given = Pick<HandOver, "after_seq" | "entries" | "acks" | "ticks" | "read"> & {
  readonly introduce: boolean;
};

/**
 * Hands the log over to one member's object: one call in flight, and what comes meanwhile goes with the next. The state
 * lives in memory; after an eviction it begins again at the conversation's settled position, and the member's object
 * ignores what it has.
 */
export class MemberFeed {
  readonly user_id: string;
  readonly #source: FeedSource;
  #served_seq: number;
  #introduce: boolean;
  #acks = new Map<string, ForwardedAck>();
  #ticks = new Map<string, MarkAck>();
  #read: ReadState | null = null;
  #running: Promise<void> | null = null;
  #failures = 0;
  /** A device socket of the member was open when it was last served. */
  listening = false;
  /** When a failed hand-over is tried again (Unix ms). */
  retry_at: number | null = null;

  /** `introduce`: the member's object may not know of the conversation yet. */
  constructor(user_id: string, served_seq: number, introduce: boolean, source: FeedSource) {
    this.user_id = user_id;
    this.#served_seq = served_seq;
    this.#introduce = introduce;
    this.#source = source;
  }

  /** Everything is handed over, and nothing is on its way. */
  get isServed(): boolean {
    return this.#running === null && !this.#hasWork();
  }

  /** Tells the member's object of the conversation even if there is no entry yet. */
  introduce(): void {
    this.#introduce = true;
  }

  /** Only the newest of a device's acks is worth telling, since they are cumulative. */
  addAck(ack: ForwardedAck): void {
    this.#acks.set(`${ack.device_id} ${ack.status}`, ack);
  }

  /** Only the newest of a member's marks is worth telling. */
  addTick(tick: MarkAck): void {
    this.#ticks.set(`${tick.user_id} ${tick.status}`, tick);
  }

  setRead(read: ReadState): void {
    this.#read = read;
  }

  /** Starts handing over after `pause_ms`, if there is anything to. Resolves when the feed rests. */
  kick(pause_ms: number): Promise<void> {
    const isWaiting = this.retry_at !== null && Date.now() < this.retry_at;
    if (this.#running === null && (isWaiting || !this.#hasWork())) return Promise.resolve();
    this.#running ??= this.#run(pause_ms).finally(() => {
      this.#running = null;
      this.#source.rested();
    });
    return this.#running;
  }

  #hasWork(): boolean {
    const hasEntries = this.#served_seq < this.#source.headSeq();
    return (
      hasEntries || this.#introduce || this.#acks.size > 0 || this.#ticks.size > 0 || this.#read !== null
    );
  }

  async #run(pause_ms: number): Promise<void> {
    this.retry_at = null;
    if (pause_ms > 0) await pause(pause_ms);
    while (this.#hasWork()) {
      const given = this.#take();
      try {
        const { introduce: _, ...handOver } = given;
        const receipt = await withTimeLimit(this.#source.handOver(this.user_id, handOver));
        this.#served(given, receipt);
      } catch (error) {
        this.#failed(given, error);
        return;
      }
    }
  }

  #take(): Given {
    const given = {
      introduce: this.#introduce,
      after_seq: this.#served_seq,
      entries: this.#source.entriesAfter(this.#served_seq, ENTRIES_PER_CALL),
      acks: [...this.#acks.values()],
      ticks: [...this.#ticks.values()],
      read: this.#read,
    };
    this.#introduce = false;
    this.#acks = new Map();
    this.#ticks = new Map();
    this.#read = null;
    return given;
  }

  #served(given: Given, receipt: HandOverReceipt): void {
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

  /** What was not taken goes with the next call, unless something newer has come meanwhile. */
  #failed(given: Given, error: unknown): void {
    this.#failures++;
    this.retry_at = Date.now() + backoffDelay(this.#failures);
    const { acks, ticks } = { acks: [...this.#acks.values()], ticks: [...this.#ticks.values()] };
    for (const ack of [...given.acks, ...acks]) this.addAck(ack);
    for (const tick of [...given.ticks, ...ticks]) this.addTick(tick);
    this.#introduce ||= given.introduce;
    this.#read ??= given.read;
    log("warn", "hand-over failed", { failures: this.#failures, error: String(error) });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
