import { NumberLog } from "../client/number-log.ts";
import { spreadOf } from "../client/percentiles.ts";
import type { Minute } from "./results.ts";

/** So many complaints are kept; the rest is counted. */
const KEPT_ERRORS = 20;

type Counts = Pick<Minute, "messages" | "deliveries" | "synced" | "returns">;

/** What has happened since the last sample, and what should not have happened at all. */
export class Tally {
  readonly errors: string[] = [];
  error_count = 0;
  messages_in_all = 0;
  /** How often a device was told of a gap (`SYNC_GAP`), and fetched it. */
  gaps = 0;
  #acks = new NumberLog();
  #deliveries = new NumberLog();
  #requests = new NumberLog();
  #counts = noCounts();

  error(what: string): void {
    this.error_count++;
    if (this.errors.length < KEPT_ERRORS) this.errors.push(what);
  }

  /** A message is durable. No latency for one that had to be sent again: it waited for its device to come back. */
  acked(latency_ms: number | null): void {
    this.messages_in_all++;
    this.#counts.messages++;
    if (latency_ms !== null) this.#acks.push(latency_ms);
  }

  /** A message has come to a device that was there. */
  delivered(latency_ms: number | null): void {
    this.#counts.deliveries++;
    if (latency_ms !== null) this.#deliveries.push(latency_ms);
  }

  /** A message has come to a device that had missed it. */
  synced(count = 1): void {
    this.#counts.synced += count;
  }

  returned(): void {
    this.#counts.returns++;
  }

  requested(latency_ms: number): void {
    this.#requests.push(latency_ms);
  }

  /** What was noted since the last time. */
  take() {
    const taken = {
      ...this.#counts,
      ack_ms: spreadOf(this.#acks.values()),
      delivery_ms: spreadOf(this.#deliveries.values()),
      rest_ms: spreadOf(this.#requests.values()),
    };
    this.#counts = noCounts();
    this.#acks = new NumberLog();
    this.#deliveries = new NumberLog();
    this.#requests = new NumberLog();
    return taken;
  }
}

function noCounts(): { -readonly [name in keyof Counts]: number } {
  return { messages: 0, deliveries: 0, synced: 0, returns: 0 };
}
