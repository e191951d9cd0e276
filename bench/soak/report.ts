import { countFaults } from "../client/faults.ts";
import { number, type Table } from "../report/table.ts";
import { judgeFlatness } from "./flatness.ts";
import { type Interval, intervalsOf } from "./intervals.ts";
import type { Minute, SoakResults } from "./results.ts";

const MIB = 2 ** 20;

type Column = readonly [title: string, cell: (minute: Minute) => number];

const TRAFFIC: readonly Column[] = [
  ["messages", ({ messages }) => messages],
  ["deliveries", ({ deliveries }) => deliveries],
  ["by sync", ({ synced }) => synced],
  ["returns", ({ returns }) => returns],
  ["ack p50 ms", ({ ack_ms }) => ack_ms.p50],
  ["p95", ({ ack_ms }) => ack_ms.p95],
  ["p99", ({ ack_ms }) => ack_ms.p99],
  ["max", ({ ack_ms }) => ack_ms.max],
  ["delivery p50 ms", ({ delivery_ms }) => delivery_ms.p50],
  ["p99", ({ delivery_ms }) => delivery_ms.p99],
  ["REST p95 ms", ({ rest_ms }) => rest_ms.p95],
  ["client CPU %", ({ client_cpu }) => client_cpu * 100],
];
const SERVER: readonly Column[] = [
  ["RSS MiB", ({ rss_bytes }) => rss_bytes / MIB],
  ["anonymous MiB", ({ anonymous_bytes }) => anonymous_bytes / MIB],
  ["CPU %", ({ server_cpu }) => server_cpu * 100],
  ["fds", ({ open_files }) => open_files],
  ["awake", ({ objects_awake }) => objects_awake],
  ["files", ({ files }) => files],
  ["data MiB", ({ folder_bytes }) => folder_bytes / MIB],
  ["WAL MiB", ({ wal_bytes }) => wal_bytes / MIB],
  ["bytes a message", ({ folder_bytes, messages_in_all }) => folder_bytes / messages_in_all],
];

const REST_COLUMNS: readonly (readonly [string, (rest: SoakResults["at_rest"]) => number])[] = [
  ["RSS MiB", ({ rss_bytes }) => rss_bytes / MIB],
  ["anonymous MiB", ({ anonymous_bytes }) => anonymous_bytes / MIB],
  ["fds", ({ open_files }) => open_files],
  ["awake", ({ objects_awake }) => objects_awake],
  ["files", ({ files }) => files],
  ["data MiB", ({ folder_bytes }) => folder_bytes / MIB],
  ["WAL MiB", ({ wal_bytes }) => wal_bytes / MIB],
];

const WIDTH = 6;

/** The heads of the lines that are printed each minute. */
export function minuteHead(): string {
  return ["minute", ...[...TRAFFIC, ...SERVER].map(([title]) => title)]
    .map((cell) => cell.padStart(WIDTH))
    .join("  ");
}

export function minuteLine(minute: Minute): string {
  const cells = [...TRAFFIC, ...SERVER].map(([title, cell]) =>
    number(cell(minute)).padStart(Math.max(WIDTH, title.length)),
  );
  return [String(minute.minute).padStart(WIDTH), ...cells].join("  ");
}

/** The report: what was measured in each interval, and whether anything drifts. */
export function tablesOf(results: SoakResults): Table[] {
  const intervals = intervalsOf(results.minutes);
  return [
    intervalTable("Traffic, by minutes", intervals, TRAFFIC),
    intervalTable("Server, at the end of these minutes", intervals, SERVER),
    {
      title: "Flat?",
      head: ["", "measured", "at most", "flat"],
      rows: judgeFlatness(results).map(({ name, measured, limit }) => [
        name,
        number(measured),
        number(limit),
        measured <= limit ? "yes" : "**no**",
      ]),
    },
    {
      title: "At rest: nobody has sent anything for a while, and every device is connected",
      head: REST_COLUMNS.map(([title]) => title),
      rows: [REST_COLUMNS.map(([, cell]) => number(cell(results.at_rest)))],
    },
  ].filter((table) => table.rows.length > 0);
}

function intervalTable(title: string, intervals: readonly Interval[], columns: readonly Column[]): Table {
  return {
    title,
    head: ["minutes", ...columns.map(([name]) => name)],
    rows: intervals.map((interval) => [
      interval.title,
      ...columns.map(([, cell]) => number(cell(interval.minute))),
    ]),
  };
}

/** Why a run has failed. Nothing if all went well. */
export function findings({ faults, error_count, errors, minutes }: SoakResults): string[] {
  const { lost, doubled, reordered } = faults;
  const found: string[] = [];
  if (countFaults(faults) > 0) found.push(`${lost} lost, ${doubled} doubled, ${reordered} reordered`);
  if (error_count > 0) found.push(`${error_count} errors, first of all:`, ...errors);
  if (minutes.every(({ messages }) => messages === 0)) found.push("no message was acked");
  return found;
}
