import type { Row } from "./scenario.ts";

/** What the benchmark is to reach. Ratios are of one run, so that they hold on any machine. */
export interface Target {
  readonly name: string;
  readonly at: "least" | "most";
  readonly limit: number;
  /** Null if what it needs was not run. */
  readonly measure: (results: Lookup) => number | null;
}

export interface Judged {
  readonly name: string;
  /** As in "≥ 5". */
  readonly wanted: string;
  readonly measured: number;
  readonly met: boolean;
}

/** What was measured, by the keys of the rows. Null for what was not run. */
export interface Lookup {
  acksPerSecond(key: string): number | null;
  deliveriesPerSecond(key: string): number | null;
  ackP99(key: string): number | null;
  figure(key: string, name: string): number | null;
}

export const TARGETS: readonly Target[] = [
  ratio("one-to-one, window 32, conversation sockets ÷ baseline", 5, "conversation/32", "baseline/32"),
  ratio("one-to-one, window 32, conversation sockets ÷ echo of arrays", 0.5, "conversation/32", "echo/32"),
  ratio(
    "one-to-one, window 32, conversation sockets ÷ echo frame by frame",
    0.5,
    "conversation/32",
    "echo-single/32",
  ),
  ratio("one-to-one, window 32, device sockets ÷ baseline", 2, "device/32", "baseline/32"),
  ratio("one-to-one, window 1, conversation sockets ÷ baseline", 0.6, "conversation/1", "baseline/1"),
  ratio("one-to-one, window 1, device sockets ÷ baseline", 0.3, "device/1", "baseline/1"),
  deliveries(
    "group of 100, 5 senders, conversation sockets, deliveries/s",
    200_000,
    "group/100/conversation/5",
  ),
  deliveries("group of 100, 5 senders, device sockets, deliveries/s", 50_000, "group/100/device/5"),
  most("ack p99 at 500 messages/s, conversation sockets, ms", 10, (of) =>
    of.ackP99("fixed-rate/conversation/500"),
  ),
  most("ack p99 at 500 messages/s, device sockets, ms", 10, (of) => of.ackP99("fixed-rate/device/500")),
  figure("1,000 offline messages of 10 conversations synced, p50, ms", 60, "sync/1000", "p50_ms"),
  figure("1,000 offline messages of one conversation synced, p50, ms", 60, "sync/1000-in-one", "p50_ms"),
  figure("history page of a conversation of 1,000,000, p95, ms", 5, "history", "p95_ms"),
  {
    name: "authenticated connections/s",
    at: "least",
    limit: 1_000,
    measure: (of) => of.figure("idle/10000", "connections_per_second"),
  },
  figure("memory of an idle connection, KiB", 30, "idle/waves", "kib_per_connection"),
  figure(
    "rows written for a message alone, conversation sockets",
    4,
    "cost/alone/conversation",
    "rows_written",
  ),
  figure("rows written for a message alone, device sockets", 4, "cost/alone/device", "rows_written"),
  figure(
    "rows written for a message under load, conversation sockets",
    3,
    "cost/load/conversation",
    "rows_written",
  ),
  figure("rows written for a message under load, device sockets", 3, "cost/load/device", "rows_written"),
];

/** The targets that can be judged by what was run. */
export function judge(rows: readonly Row[], targets: readonly Target[] = TARGETS): Judged[] {
  const results = lookup(rows);
  return targets.flatMap(({ name, at, limit, measure }) => {
    const measured = measure(results);
    if (measured === null) return [];
    const met = at === "least" ? measured >= limit : measured <= limit;
    return [
      { name, wanted: `${at === "least" ? "≥" : "≤"} ${limit.toLocaleString("en-US")}`, measured, met },
    ];
  });
}

function ratio(name: string, limit: number, key: string, other: string): Target {
  return {
    name,
    at: "least",
    limit,
    measure: (of) => {
      const [measured, reference] = [
        of.acksPerSecond(`one-to-one/${key}`),
        of.acksPerSecond(`one-to-one/${other}`),
      ];
      return measured === null || reference === null ? null : measured / reference;
    },
  };
}

function deliveries(name: string, limit: number, key: string): Target {
  return { name, at: "least", limit, measure: (of) => of.deliveriesPerSecond(key) };
}

function most(name: string, limit: number, measure: Target["measure"]): Target {
  return { name, at: "most", limit, measure };
}

function figure(name: string, limit: number, key: string, field: string): Target {
  return most(name, limit, (of) => of.figure(key, field));
}

function lookup(rows: readonly Row[]): Lookup {
  const known = new Map(rows.map((row) => [row.key, row]));
  const load = (key: string) => known.get(key)?.load;
  const rate = (key: string, count: "acked" | "delivered") => {
    const found = load(key);
    return found ? found[count] / found.seconds : null;
  };
  return {
    acksPerSecond: (key) => rate(key, "acked"),
    deliveriesPerSecond: (key) => rate(key, "delivered"),
    ackP99: (key) => load(key)?.ack_ms.p99 ?? null,
    figure: (key, name) => known.get(key)?.figures?.[name] ?? null,
  };
}
