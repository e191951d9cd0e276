import type { Platform } from "../platform/platform.ts";

/** An entry goes with a call that may wait a second for more to go with it, and for the one before to be answered. */
const ENTRY_MS = 2_000;
/** Then a mark in a group waits two seconds for a call back to ride on, and another for those of others to be told with. */
export const KNOWN_MS = ENTRY_MS + 3_000 + ENTRY_MS;

/** When nothing is in the way, what one device has been told of, every other hears of soon. */
export class Promptness {
  readonly #platform: Platform;
  /** When an entry was first told to anybody, by its conversation and place. Null: something may be in the way. */
  #told: Map<string, number> | null = null;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** From now on nothing is in the way. */
  begin(): void {
    this.#told = new Map();
  }

  /** A device has an entry. */
  told(label: string, conversation_id: string, seq: number): void {
    const { now } = this.#platform.scheduler;
    const key = `${conversation_id} ${seq}`;
    const first = this.#told?.get(key);
    if (first === undefined) this.#told?.set(key, now);
    else this.#checkSince(first, `${label} heard of ${seq} of ${conversation_id}`);
  }

  /** What a device has sent, at `begun_at`, is acknowledged. */
  answered(label: string, client_message_id: string, begun_at: number): void {
    if (this.#told) this.#checkSince(begun_at, `${label} was answered ${client_message_id}`);
  }

  #checkSince(time: number, what: string): void {
    const late_ms = this.#platform.scheduler.now - time;
    if (late_ms > ENTRY_MS)
      this.#platform.violated("what is done is known soon", `${what} after ${late_ms} ms`);
  }
}
