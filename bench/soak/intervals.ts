import type { Spread } from "../client/percentiles.ts";
import type { Minute } from "./results.ts";

/** A report has about so many lines. */
const LINES = 12;

export interface Interval {
  /** As in "6–10". */
  readonly title: string;
  /** The minutes as one: counts added, shares averaged, sizes as they were at the end. */
  readonly minute: Minute;
}

/** The minutes of a run in so many intervals of equal length. */
export function intervalsOf(minutes: readonly Minute[]): Interval[] {
  const length = Math.ceil(minutes.length / LINES);
  const intervals: Interval[] = [];
  for (let from = 0; from < minutes.length; from += length) {
    const part = minutes.slice(from, from + length);
    const joined = joinMinutes(part);
    const first = part[0]?.minute ?? 0;
    const title = part.length === 1 ? `${first}` : `${first}–${joined.minute}`;
    intervals.push({ title, minute: joined });
  }
  return intervals;
}

export function joinMinutes(minutes: readonly Minute[]): Minute {
  const last = minutes.at(-1);
  if (!last) throw new Error("there is no minute to speak of");
  const sum = (of: (minute: Minute) => number) => minutes.reduce((total, minute) => total + of(minute), 0);
  const seconds = sum((minute) => minute.seconds);
  return {
    ...last,
    seconds,
    server_cpu: sum((minute) => minute.server_cpu * minute.seconds) / seconds,
    client_cpu: sum((minute) => minute.client_cpu * minute.seconds) / seconds,
    messages: sum((minute) => minute.messages),
    deliveries: sum((minute) => minute.deliveries),
    synced: sum((minute) => minute.synced),
    returns: sum((minute) => minute.returns),
    ack_ms: joinSpreads(minutes.map(({ ack_ms }) => ack_ms)),
    delivery_ms: joinSpreads(minutes.map(({ delivery_ms }) => delivery_ms)),
    rest_ms: joinSpreads(minutes.map(({ rest_ms }) => rest_ms)),
  };
}

/** Percentiles of minutes cannot be joined exactly: the mean of each, by how many values it stands for; the largest of all. */
function joinSpreads(spreads: readonly Spread[]): Spread {
  const count = spreads.reduce((sum, spread) => sum + spread.count, 0);
  const mean = (of: (spread: Spread) => number) =>
    spreads.reduce((sum, spread) => sum + of(spread) * spread.count, 0) / Math.max(1, count);
  return {
    count,
    p50: mean(({ p50 }) => p50),
    p95: mean(({ p95 }) => p95),
    p99: mean(({ p99 }) => p99),
    max: Math.max(0, ...spreads.map(({ max }) => max)),
  };
}
