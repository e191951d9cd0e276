import type { Cancel, Environment } from "../environment.ts";
import type { OutgoingFrame } from "../wire/client-frame.ts";
import { contiguousSeq } from "./position.ts";
import type { Replica } from "./replica.ts";

/** Acks are cumulative, and at most a few a second (docs/protocol.md §5). */
const PAUSE_MS = 250;
/** A read mark that was not taken is told again after this long. */
const READ_AGAIN_MS = 3_000;

export interface AckerContext {
  readonly environment: Environment;
  readonly replica: Replica;
  /** The device's socket; null while there is none. */
  readonly socket: () => { readonly send: (frames: readonly OutgoingFrame[]) => void } | null;
  /** What was received must be kept before it is acknowledged: the server does not push it again. */
  readonly keep: () => Promise<void>;
}

/** Tells the server what this device has received and its user has read. */
export class Acker {
  readonly #context: AckerContext;
  readonly #received = new Set<string>();
  readonly #read = new Set<string>();
  #cancelTimer: Cancel | null = null;
  #cancelReadAgain: Cancel | null = null;

  constructor(context: AckerContext) {
    this.#context = context;
  }

  noteReceived(conversation_ids: Iterable<string>): void {
    for (const conversation_id of conversation_ids) this.#received.add(conversation_id);
    if (this.#received.size > 0) this.#soon();
  }

  noteRead(conversation_id: string): void {
    this.#read.add(conversation_id);
    this.#soon();
  }

  /** After a reconnect: marks that no inbox row shows may have been lost (UNR-2). */
  repeatReads(): void {
    for (const conversation_id of this.#context.replica.inbox.unsettledReads.keys())
      this.noteRead(conversation_id);
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelReadAgain?.();
    this.#cancelTimer = null;
    this.#cancelReadAgain = null;
  }

  #soon(): void {
    this.#cancelTimer ??= this.#context.environment.setTimer(() => {
      this.#cancelTimer = null;
      void this.#tell();
    }, PAUSE_MS);
  }

  async #tell(): Promise<void> {
    const { replica, keep, socket } = this.#context;
    const received = [...this.#received].flatMap((conversation_id) => {
      const seq = contiguousSeq(replica.conversation(conversation_id).position);
      return seq === null || seq === 0 ? [] : markFrame(conversation_id, seq, "delivered");
    });
    await keep();
    const way = socket();
    // What is not told now is told on the next connection: the server pushes again what was not acknowledged.
    if (!way) return;
    this.#received.clear();
    const read = [...this.#read].flatMap((conversation_id) => {
      const seq = replica.inbox.unsettledReads.get(conversation_id);
      return seq === undefined ? [] : markFrame(conversation_id, seq, "read");
    });
    this.#read.clear();
    way.send([...received, ...read]);
    if (read.length > 0) {
      this.#cancelReadAgain ??= this.#context.environment.setTimer(() => {
        this.#cancelReadAgain = null;
        this.repeatReads();
      }, READ_AGAIN_MS);
    }
  }
}

function markFrame(conversation_id: string, seq: number, status: "delivered" | "read"): OutgoingFrame {
  return { type: "MESSAGE_ACK", payload: { conversation_id, seq, status } };
}
