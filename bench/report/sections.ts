import type { LoadResult } from "../client/load-job.ts";
import type { Row } from "../scenario.ts";
import { judge } from "../targets.ts";
import { number, type Table } from "./table.ts";

type Column = readonly [title: string, cell: (load: LoadResult) => number];

const MESSAGES: Column = ["messages/s", ({ acked, seconds }) => acked / seconds];
const DELIVERIES: Column = ["deliveries/s", ({ delivered, seconds }) => delivered / seconds];
const ACK: readonly Column[] = [
  ["ack p50 ms", ({ ack_ms }) => ack_ms.p50],
  ["p95", ({ ack_ms }) => ack_ms.p95],
  ["p99", ({ ack_ms }) => ack_ms.p99],
  ["max", ({ ack_ms }) => ack_ms.max],
];
const DELIVERY: readonly Column[] = [
  ["delivery p50 ms", ({ delivery_ms }) => delivery_ms.p50],
  ["p95", ({ delivery_ms }) => delivery_ms.p95],
  ["p99", ({ delivery_ms }) => delivery_ms.p99],
  ["max", ({ delivery_ms }) => delivery_ms.max],
];
const USAGE: readonly Column[] = [
  ["server ms CPU per 1,000", ({ server_cpu_ms, acked }) => (server_cpu_ms / acked) * 1000],
  ["server MiB", ({ server_rss_bytes }) => server_rss_bytes / 2 ** 20],
  ["client CPU %", ({ client_cpu }) => client_cpu * 100],
];

const COSTS: Readonly<Record<string, string>> = {
  rows_written: "rows written",
  rows_read: "rows read",
  object_requests: "object requests",
  gb_seconds: "GB-s",
  dollars_total: "$ per million",
  dollars_rows_written: "rows $",
  dollars_object_requests: "requests $",
  dollars_gb_seconds: "duration $",
};
const SCROLLING: Readonly<Record<string, string>> = {
  took_ms: "took ms",
  frame_p50_ms: "frame p50 ms",
  frame_p95_ms: "p95",
  frame_p99_ms: "p99",
  frame_max_ms: "max",
  long_tasks: "tasks > 50 ms",
  longest_ms: "longest ms",
  waited_ms: "waited for pages ms",
  heap_mib: "heap MiB",
  elements: "elements",
};
const CONNECTIONS: Readonly<Record<string, string>> = {
  connections: "devices",
  connections_per_second: "connections/s",
  connect_p50_ms: "connect p50 ms",
  connect_p99_ms: "p99",
  connect_server_cpu_ms: "server ms CPU each",
  kib_per_connection_awake: "KiB each, awake",
  kib_per_connection: "KiB each, asleep",
  idle_server_cpu: "server CPU at rest",
  dropped: "dropped",
  client_cpu: "client CPU",
};

/** The report as tables; those of which nothing was run are left out. */
export function sectionsOf(rows: readonly Row[]): Table[] {
  return [
    targetTable(rows),
    loadTable("One-to-one, by window", "one-to-one", rows, [MESSAGES, ...ACK, ...DELIVERY, ...USAGE]),
    loadTable("Fixed rates", "fixed-rate", rows, [MESSAGES, ...ACK, ...DELIVERY, ...USAGE]),
    loadTable("Groups: size, socket, senders", "group", rows, [
      MESSAGES,
      DELIVERIES,
      ...ACK,
      ...DELIVERY,
      ...USAGE,
    ]),
    figureTable("Cost of a message, at published prices", "cost", rows, COSTS),
    writerTable(rows),
    figureTable("Offline sync", "sync", rows),
    figureTable("History page", "history", rows),
    figureTable("Search: the index catches up", "search/index", rows),
    figureTable("Search: messages meanwhile, from sending to their acks", "search/acks", rows),
    figureTable("Search: a page of 50", "search/page", rows),
    figureTable("Scrolling in the web client", "scroll", rows, SCROLLING),
    figureTable("Login", "login", rows),
    figureTable("Idle connections", "idle/1", rows, CONNECTIONS),
    figureTable("Idle connections, in waves", "idle/waves", rows),
    figureTable("Hibernation", "idle/hibernation", rows),
    figureTable("Reconnect storm", "storm", rows),
    figureTable("Memory of workerd alone: one object, by requests", "memory/requests", rows),
    figureTable("Memory of workerd alone: 100 objects awake, by their databases", "memory/databases", rows),
  ].filter((table) => table.rows.length > 0);
}

function targetTable(rows: readonly Row[]): Table {
  return {
    title: "Targets",
    head: ["target", "wanted", "measured", "met"],
    rows: judge(rows).map(({ name, wanted, measured, met }) => [
      name,
      wanted,
      number(measured),
      met ? "yes" : "**no**",
    ]),
  };
}

function loadTable(title: string, scenario: string, rows: readonly Row[], columns: readonly Column[]): Table {
  return {
    title,
    head: ["", ...columns.map(([name]) => name)],
    rows: rows.flatMap(({ key, load }) =>
      load && key.startsWith(`${scenario}/`)
        ? [[shortKey(key), ...columns.map(([, cell]) => number(cell(load)))]]
        : [],
    ),
  };
}

/** `names`: which figures, and what to call them; without it all, by their own names. */
function figureTable(
  title: string,
  scenario: string,
  rows: readonly Row[],
  names?: Readonly<Record<string, string>>,
): Table {
  const here = rows.filter(({ key, figures }) => figures && key.startsWith(scenario));
  const fields = names
    ? Object.keys(names)
    : [...new Set(here.flatMap(({ figures }) => Object.keys(figures ?? {})))];
  return {
    title,
    head: ["", ...fields.map((field) => names?.[field] ?? field.replaceAll("_", " "))],
    rows: here.map(({ key, figures }) => [
      shortKey(key),
      ...fields.map((field) => number(figures?.[field] ?? 0)),
    ]),
  };
}

const WRITER = "rows: ";

/** Which statements write the rows that a message costs. */
function writerTable(rows: readonly Row[]): Table {
  const here = rows.filter(({ key }) => key.startsWith("cost/"));
  const statements = [...new Set(here.flatMap(({ figures }) => Object.keys(figures ?? {})))].filter((name) =>
    name.startsWith(WRITER),
  );
  return {
    title: "Rows written for a message, by statement",
    head: ["", ...here.map(({ key }) => shortKey(key))],
    rows: statements.map((name) => [
      name.slice(WRITER.length),
      ...here.map(({ figures }) => number(figures?.[name] ?? 0)),
    ]),
  };
}

/** "one-to-one/device/32" is "device, 32" in its own table. */
function shortKey(key: string): string {
  const slash = key.indexOf("/");
  return slash === -1 ? key : key.slice(slash + 1).replaceAll("/", ", ");
}
