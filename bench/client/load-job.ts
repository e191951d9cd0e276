import type { Faults } from "./faults.ts";
import type { Spread } from "./percentiles.ts";

/** One connection of the load. */
export interface Seat {
  readonly url: string;
  /** A device socket says when its first sync is complete; a conversation socket only greets. */
  readonly socket: "device" | "conversation" | "plain";
  readonly sends: boolean;
}

/** One conversation: whatever a seat sends is owed to all the others. */
export interface Room {
  readonly conversation_id: string;
  readonly seats: readonly Seat[];
}

/** How fast is sent: so many messages on their way for each sender, or so many a second in all whatever happens. */
export type Pace = { readonly window: number } | { readonly per_second: number };

/** What a load process is to do. */
export interface LoadJob {
  readonly rooms: readonly Room[];
  readonly pace: Pace;
  readonly warm_up_ms: number;
  readonly measure_ms: number;
  /** How long what is on its way when the sending stops may take to arrive. Default 15,000. */
  readonly drain_ms?: number;
  /** How long the sockets stay open when everything has arrived, for what else it may cause. Default 0. */
  readonly settle_ms?: number;
  /** Do receivers acknowledge what they have, as the protocol asks of clients? Default true. */
  readonly receipts?: boolean;
  /** Do messages that are sent together go in one array? Default true. */
  readonly batch?: boolean;
  /** The server says back what it hears, and nothing else. Default false. */
  readonly echo?: boolean;
  readonly server_pid: number;
}

/** What came of it. Rates and latencies are of the measured time; faults of everything. */
export interface LoadResult {
  readonly seconds: number;
  readonly acked: number;
  readonly delivered: number;
  /** Of the whole run, the warm-up included. */
  readonly acked_in_all: number;
  readonly ack_ms: Spread;
  readonly delivery_ms: Spread;
  readonly faults: Faults;
  readonly refusals: readonly string[];
  readonly server_cpu_ms: number;
  readonly server_rss_bytes: number;
  /** The part of one core that the load process used. */
  readonly client_cpu: number;
}
