import { describe, expect, it } from "vitest";
import type { LoadResult } from "../../bench/client/load-job.ts";
import { medianBy, spreadOf } from "../../bench/client/percentiles.ts";
import { costPerMessage, dollarsPerMillion } from "../../bench/prices.ts";
import { topFunctions } from "../../bench/profile/top-functions.ts";
import { throughputChart } from "../../bench/report/chart.ts";
import { withFigures } from "../../bench/report/docs.ts";
import { resultsOf } from "../../bench/report/results.ts";
import { number, renderMarkdown, renderText } from "../../bench/report/table.ts";
import { findFaults } from "../../bench/report/verdict.ts";
import type { Row } from "../../bench/scenario.ts";
import { judge } from "../../bench/targets.ts";

const NO_SPREAD = { count: 0, p50: 0, p95: 0, p99: 0, max: 0 };

function load(changes: Partial<LoadResult> = {}): LoadResult {
  return {
    seconds: 2,
    acked: 1_000,
    delivered: 1_000,
    acked_in_all: 1_500,
    ack_ms: NO_SPREAD,
    delivery_ms: NO_SPREAD,
    faults: { lost: 0, doubled: 0, reordered: 0 },
    refusals: [],
    server_cpu_ms: 100,
    server_rss_bytes: 2 ** 20,
    client_cpu: 0.1,
    ...changes,
  };
}

describe("percentiles", () => {
  it("are the nearest ranks", () => {
    const hundred = Float64Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(spreadOf(hundred)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99, max: 100 });
  });

  it("of a few values are values that occurred", () => {
    expect(spreadOf(Float64Array.of(3, 1, 2))).toEqual({ count: 3, p50: 2, p95: 3, p99: 3, max: 3 });
    expect(spreadOf(Float64Array.of(7))).toEqual({ count: 1, p50: 7, p95: 7, p99: 7, max: 7 });
  });

  it("of nothing are 0", () => {
    expect(spreadOf(new Float64Array())).toEqual(NO_SPREAD);
  });

  it("know the middle of repeated runs", () => {
    expect(medianBy([5, 1, 3], (value) => value)).toBe(3);
    expect(medianBy([4, 1], (value) => value)).toBe(1);
  });
});

describe("dollars", () => {
  it("count alarms as rows, and twenty socket messages as one request", () => {
    const reading = {
      rows_written: 3_000,
      alarms_set: 1_000,
      rows_read: 10_000,
      object_calls: 1_000,
      alarms_fired: 500,
      socket_messages: 10_000,
      wakings: 0,
      awake_ms: 2_000_000,
      rows_written_by: {},
    };
    const cost = costPerMessage(reading, 1_000);
    expect(cost).toEqual({ rows_written: 4, rows_read: 10, object_requests: 2, gb_seconds: 0.256 });
    const dollars = dollarsPerMillion(cost);
    expect(dollars.rows_written).toBeCloseTo(4);
    expect(dollars.rows_read).toBeCloseTo(0.01);
    expect(dollars.object_requests).toBeCloseTo(0.3);
    expect(dollars.gb_seconds).toBeCloseTo(3.2);
    expect(dollars.total).toBeCloseTo(7.51);
  });
});

describe("targets", () => {
  const rows: Row[] = [
    { key: "one-to-one/conversation/32", load: load({ acked: 60_000 }) },
    { key: "one-to-one/baseline/32", load: load({ acked: 10_000 }) },
    { key: "one-to-one/device/32", load: load({ acked: 15_000 }) },
    { key: "idle/waves", figures: { kib_per_connection: 31 } },
  ];

  it("are judged by ratios of one run, and by figures", () => {
    const judged = judge(rows).map(({ name, wanted, measured, met }) => [name, wanted, measured, met]);
    expect(judged).toEqual([
      ["one-to-one, window 32, conversation sockets ÷ baseline", "≥ 5", 6, true],
      ["one-to-one, window 32, device sockets ÷ baseline", "≥ 2", 1.5, false],
      ["memory of an idle connection, KiB", "≤ 30", 31, false],
    ]);
  });

  it("of which nothing was run are left out", () => {
    expect(judge([])).toEqual([]);
  });
});

describe("the verdict", () => {
  it("is good when nothing came to harm", () => {
    expect(
      findFaults([
        { key: "a", load: load() },
        { key: "b", figures: { seconds: 1 } },
      ]),
    ).toEqual([]);
  });

  it.each(["lost", "doubled", "reordered"] as const)("fails a run in which one message was %s", (fault) => {
    const faults = { lost: 0, doubled: 0, reordered: 0, [fault]: 1 };
    expect(findFaults([{ key: "a", load: load({ faults }) }])[0]).toContain(`1 ${fault}`);
    expect(findFaults([{ key: "b", figures: {}, faults }])[0]).toContain(`1 ${fault}`);
  });

  it("fails a run that was refused something, or in which nothing was acked", () => {
    expect(findFaults([{ key: "a", load: load({ refusals: ["rate_limited"] }) }])).toEqual([
      "a: rate_limited",
    ]);
    expect(findFaults([{ key: "a", load: load({ acked: 0 }) }])).toEqual(["a: no message was acked"]);
  });

  it("fails a run in which connections were dropped, or devices did not come back", () => {
    expect(findFaults([{ key: "a", figures: { dropped: 2 } }])).toEqual(["a: 2 connections were dropped"]);
    expect(findFaults([{ key: "a", figures: { devices: 10, back: 9 } }])).toEqual([
      "a: 9 of 10 devices came back",
    ]);
    expect(findFaults([{ key: "a", figures: { dropped: 0, devices: 10, back: 10 } }])).toEqual([]);
  });
});

describe("the report", () => {
  const table = {
    title: "Sizes",
    head: ["", "n"],
    rows: [
      ["small", "1"],
      ["large", "1,000"],
    ],
    note: "In all.",
  };

  it("lines numbers up for a terminal", () => {
    expect(renderText(table)).toBe("Sizes\n             n\n  small      1\n  large  1,000\n  In all.");
  });

  it("makes tables for the documents", () => {
    const text = "### Sizes\n\nIn all.\n\n|  | n |\n| --- | ---: |\n| small | 1 |\n| large | 1,000 |";
    expect(renderMarkdown(table)).toBe(text);
  });

  it("shows three digits that count", () => {
    expect([0, 0.1234, 1.5, 12.34, 123.4, 12_345].map(number)).toEqual([
      "0",
      "0.12",
      "1.50",
      "12.3",
      "123",
      "12,345",
    ]);
  });

  it("replaces its part of the page, again and again, and nothing else", () => {
    const [begin, end] = ["begin", "end"].map(
      (mark) => `<!-- Made by npm run bench -- --write-docs: ${mark} -->`,
    );
    const page = `# Performance\n\n${begin}\nold\n${end}\n\nThe rest\n`;
    const results = resultsOf(
      [{ key: "one-to-one/device/32", load: load() }],
      new Date("2026-11-24T00:00:00Z"),
    );
    const once = withFigures(page, results);
    expect(once).toContain("| device, 32 | 500 |");
    expect(once).toContain("Run on 2026-11-24");
    expect(once).not.toContain("old");
    expect(once.startsWith("# Performance\n")).toBe(true);
    expect(once.endsWith("\n\nThe rest\n")).toBe(true);
    expect(withFigures(once, results)).toBe(once);
    expect(() => withFigures("# Performance", results)).toThrow("no place for the figures");
  });

  it("draws a bar for each system and window", () => {
    const svg = throughputChart([{ key: "one-to-one/baseline/8", load: load({ acked: 8_000 }) }]);
    expect(svg.match(/<rect /g)).toHaveLength(1 + 3 * 4 + 4);
    expect(svg).toContain(">4.0k</text>");
  });
});

describe("a CPU profile", () => {
  it("names the functions that took the time, without the idle", () => {
    const frame = (functionName: string) => ({ functionName, url: "file:///worker.js", lineNumber: 9 });
    const nodes = [
      { id: 1, callFrame: frame("commit") },
      { id: 2, callFrame: { functionName: "(idle)", url: "", lineNumber: -1 } },
      { id: 3, callFrame: frame("encode") },
    ];
    const top = topFunctions({ nodes, samples: [1, 2, 3, 1], timeDeltas: [10, 500, 10, 20] }, 1);
    expect(top).toEqual([{ where: "commit  worker.js:10", self_percent: 75 }]);
  });
});
