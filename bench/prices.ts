import type { MeterReading } from "./worker/meter-reading.ts";

/**
 * What Cloudflare charges for Durable Objects with SQLite on the Workers Paid plan, past what the plan includes, in dollars
 * (published prices, read 20 November 2026). The only place where prices stand.
 */
export const DOLLARS_PER_MILLION = {
  rows_written: 1.0,
  rows_read: 0.001,
  object_requests: 0.15,
  gb_seconds: 12.5,
} as const;

/** So many incoming socket messages count as one request. Outgoing ones are free. */
export const SOCKET_MESSAGES_PER_REQUEST = 20;

/** An object that is awake is billed as holding so much memory, whatever it holds. */
export const OBJECT_GB = 0.128;

type Billed = keyof typeof DOLLARS_PER_MILLION;

/** What one message takes of everything that is billed. */
export type Cost = Readonly<Record<Billed, number>>;

/** Of `messages` messages, the share of one. An alarm that is set is a row written, one that fires a request. */
export function costPerMessage(reading: MeterReading, messages: number): Cost {
  const { rows_written, rows_read, alarms_set, alarms_fired, object_calls, socket_messages, awake_ms } =
    reading;
  return {
    rows_written: (rows_written + alarms_set) / messages,
    rows_read: rows_read / messages,
    object_requests: (object_calls + alarms_fired + socket_messages / SOCKET_MESSAGES_PER_REQUEST) / messages,
    gb_seconds: ((awake_ms / 1000) * OBJECT_GB) / messages,
  };
}

/** Dollars for a million messages of such a cost, in all and by what is billed. */
export function dollarsPerMillion(cost: Cost): Record<Billed | "total", number> {
  const rows_written = cost.rows_written * DOLLARS_PER_MILLION.rows_written;
  const rows_read = cost.rows_read * DOLLARS_PER_MILLION.rows_read;
  const object_requests = cost.object_requests * DOLLARS_PER_MILLION.object_requests;
  const gb_seconds = cost.gb_seconds * DOLLARS_PER_MILLION.gb_seconds;
  const total = rows_written + rows_read + object_requests + gb_seconds;
  return { rows_written, rows_read, object_requests, gb_seconds, total };
}
