import { joinMinutes } from "./intervals.ts";
import type { Minute, SoakResults } from "./results.ts";

/** Until then a server is still taking what it will need anyway. */
const WARM_UP_MINUTES = 10;

/** A line through fewer points says nothing. */
const MIN_POINTS = 3;

/** Memory that grows by less than this part of itself in an hour may come to rest yet. */
const RSS_GROWTH = 0.1;
/** So far apart may the two ends of a run be on a machine that does other things too. */
const DRIFT = 1.5;

const MIB = 2 ** 20;

export interface Flatness {
  readonly name: string;
  readonly measured: number;
  /** Up to here it is called flat. */
  readonly limit: number;
}

/** Does anything grow that should not? A third of a short run is left out as warm-up. Nothing of too short a run. */
export function judgeFlatness({ minutes, seeded_bytes }: SoakResults): Flatness[] {
  const warm_up = Math.min(WARM_UP_MINUTES, Math.floor(minutes.length / 3));
  const warm = minutes.slice(warm_up);
  const rss_per_minute = slope(warm.map(({ minute, rss_bytes }) => [minute, rss_bytes]));
  const rest_per_minute = slope(warm.map((sample) => [sample.minute, bytesBeyondDatabases(sample)]));
  const rss_per_message = slope(warm.map(({ messages_in_all, rss_bytes }) => [messages_in_all, rss_bytes]));
  if (rss_per_minute === null || rest_per_minute === null || rss_per_message === null) return [];
  const { rss_bytes = 0 } = warm[0] ?? {};
  const allowed = rss_bytes * RSS_GROWTH;
  const { messages_in_all = 0 } = warm.at(-1) ?? {};
  const messages_per_hour = (messages_in_all / minutes.length) * 60;
  const third = Math.floor(minutes.length / 3);
  const [first, last] = [minutes.slice(0, third), minutes.slice(-third)];
  const ratio = (what: string, of: (part: readonly Minute[]) => number): Flatness => ({
    name: `${what}, last third ÷ first`,
    measured: of(last) / of(first),
    limit: DRIFT,
  });
  const bytesPerMessage = (part: readonly Minute[]) => {
    const { minute, folder_bytes, messages } = joinMinutes(part);
    const before = minutes[minute - part.length - 1]?.folder_bytes ?? seeded_bytes;
    return (folder_bytes - before) / messages;
  };
  const since = `after ${warm_up} minutes`;
  return [
    {
      name: `RSS ${since}, MiB an hour`,
      measured: (rss_per_minute * 60) / MIB,
      limit: allowed / MIB,
    },
    {
      name: `RSS beyond the databases ${since}, MiB an hour`,
      measured: (rest_per_minute * 60) / MIB,
      limit: allowed / MIB,
    },
    { name: `RSS ${since}, bytes a message`, measured: rss_per_message, limit: allowed / messages_per_hour },
    ratio("ack p99", (part) => joinMinutes(part).ack_ms.p99),
    ratio("delivery p99", (part) => joinMinutes(part).delivery_ms.p99),
    ratio("REST p95", (part) => joinMinutes(part).rest_ms.p95),
    ratio("server CPU", (part) => joinMinutes(part).server_cpu),
    ratio("open files", (part) => joinMinutes(part).open_files),
    ratio("data folder, bytes a message", bytesPerMessage),
  ];
}

/** An object that is awake holds its database in memory, as far as it has been used and up to some 2 MiB. */
function bytesBeyondDatabases({ rss_bytes, folder_bytes, wal_bytes }: Minute): number {
  return rss_bytes - (folder_bytes - wal_bytes);
}

/** Of the straight line nearest to the points (least squares). */
export function slope(points: readonly (readonly [x: number, y: number])[]): number | null {
  if (points.length < MIN_POINTS) return null;
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x_mean, y_mean] = [mean(([x]) => x), mean(([, y]) => y)];
  const covariance = mean(([x, y]) => (x - x_mean) * (y - y_mean));
  const variance = mean(([x]) => (x - x_mean) ** 2);
  return variance === 0 ? null : covariance / variance;
}
