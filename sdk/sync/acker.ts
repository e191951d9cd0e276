import type { ClientFrame } from "../../src/protocol/frames/client-frame.ts";
import type { Cancel, Environment } from "../environment.ts";
import type { SendingWay } from "../outbox/sender.ts";
import { contiguousSeq } from "./position.ts";
import type { Replica } from "./replica.ts";

/** Acks are cumulative, and at most a few a second (docs/protocol.md §5). */
const PAUSE_MS = 250;
const READ_REQUEST = "read:";

/**
 * Of so many conversations the server is told at once, and of one more each so many milliseconds: it takes no more (`frames_burst`,
 * docs/protocol.md §6), and its user has other devices.
 */
const AT_ONCE = 500;
const EACH_MS = 20;

/** Which conversation's read mark this is the answer to, or null. */
export function readMarkOf(request_id: string | undefined): string | null {
  return request_id?.startsWith(READ_REQUEST) ? request_id.slice(READ_REQUEST.length) : null;
}

/** A read mark that was not taken is told again after this long. */
const READ_AGAIN_MS = 3_000;
/** What could not be kept is tried again after this long. */
const KEEP_AGAIN_MS = 5_000;

export interface AckerContext {
  readonly environment: Environment;
  readonly replica: Replica;
  /** The device's way to the server; null while there is none. */
  readonly way: () => SendingWay | null;
  /** Resolves to whether what was received is kept. It must be before it is acknowledged: the server does not push it again. */
  readonly keep: () => Promise<boolean>;
}

/** Tells the server what this device has received and its user has read. */
export class Acker {
  readonly #context: AckerContext;
  readonly #received = new Set<string>();
  readonly #read = new Set<string>();
  /** What was told, and over which socket: one that breaks may have lost it. */
  readonly #told = new Map<string, { readonly socket: object; readonly seq: number }>();
  /** When all of which it was told would have been told, had it been evenly (GCRA). */
  #even_at = 0;
  #cancelTimer: Cancel | null = null;
  #cancelReadAgain: Cancel | null = null;

  constructor(context: AckerContext) {
    this.#context = context;
  }

  noteReceived(conversation_ids: Iterable<string> = [], pause_ms = PAUSE_MS): void {
    for (const conversation_id of conversation_ids) this.#received.add(conversation_id);
    if (this.#received.size > 0) this.#soon(pause_ms);
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

  /** Those that the server can be told of now. */
  #takeReceived(): string[] {
    const now = this.#context.environment.now();
    // The clock may have been set back.
    const from = Math.min(Math.max(this.#even_at, now), now + AT_ONCE * EACH_MS);
    const taken = [...this.#received].slice(0, AT_ONCE - Math.ceil((from - now) / EACH_MS));
    for (const conversation_id of taken) this.#received.delete(conversation_id);
    this.#even_at = from + taken.length * EACH_MS;
    return taken;
  }

  #soon(pause_ms = PAUSE_MS): void {
    this.#cancelTimer ??= this.#context.environment.setTimer(() => {
      this.#cancelTimer = null;
      void this.#tell();
    }, pause_ms);
  }

  async #tell(): Promise<void> {
    const { replica, keep, way } = this.#context;
    const received = this.#takeReceived().map(
      (conversation_id) =>
        [conversation_id, contiguousSeq(replica.conversation(conversation_id).position) ?? 0] as const,
    );
    this.noteReceived();
    const isKept = await keep();
    const open = way();
    // What is not told now is told on the next connection: the server pushes again what was not acknowledged.
    if (!open) return;
    // A read mark is told all the same: what it says was seen needs no pushing.
    if (!isKept) this.noteReceived(new Map(received).keys(), KEEP_AGAIN_MS);
    const { socket } = open;
    const news = received.filter(([conversation_id, seq]) => {
      const told = this.#told.get(conversation_id);
      return isKept && seq > (told?.socket === socket ? told.seq : 0);
    });
    for (const [conversation_id, seq] of news) this.#told.set(conversation_id, { socket, seq });
    const read = [...this.#read].flatMap((conversation_id) => {
      const seq = replica.inbox.unsettledReads.get(conversation_id);
      const frame = {
        ...markFrame(conversation_id, seq ?? 0, "read"),
        request_id: READ_REQUEST + conversation_id,
      };
      return seq === undefined ? [] : frame;
    });
    this.#read.clear();
    open.send([
      ...news.map(([conversation_id, seq]) => markFrame(conversation_id, seq, "delivered")),
      ...read,
    ]);
    if (read.length > 0) {
      this.#cancelReadAgain ??= this.#context.environment.setTimer(() => {
        this.#cancelReadAgain = null;
        this.repeatReads();
      }, READ_AGAIN_MS);
    }
  }
}

function markFrame(conversation_id: string, seq: number, status: "delivered" | "read"): ClientFrame {
  return { type: "MESSAGE_ACK", payload: { conversation_id, seq, status } };
}
