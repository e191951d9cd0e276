import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LogLedger } from "../../bench/client/ledger.ts";
import { SoakConversation } from "../../bench/soak/conversation.ts";
import { withFigures } from "../../bench/soak/docs.ts";
import { judgeFlatness, slope } from "../../bench/soak/flatness.ts";
import { Inbound } from "../../bench/soak/inbound.ts";
import { intervalsOf } from "../../bench/soak/intervals.ts";
import { Participation } from "../../bench/soak/participation.ts";
import { findings } from "../../bench/soak/report.ts";
import type { Minute, SoakResults } from "../../bench/soak/results.ts";
import { SeqRanges } from "../../bench/soak/seq-ranges.ts";
import { Tally } from "../../bench/soak/tally.ts";
import { World } from "../../bench/soak/world.ts";
import { capture } from "../../scripts/lib/process.mjs";
import { folderWith } from "./folder.ts";

const NO_FAULTS = { lost: 0, doubled: 0, reordered: 0 };

/** Long enough for an ack to have surely been heard. */
const LATER = 20_000;

const from = (seq: number) => ({ sender: 0, number: seq });

/** What a device has by one kind of socket, and how more of it comes. */
function inboundWith(seqs: readonly number[], inbound = new Inbound(new LogLedger())) {
  const stream = inbound.openStream();
  const push = (seq: number, sent = from(seq)) => inbound.push(stream, seq, sent);
  for (const seq of seqs) push(seq);
  return { inbound, push };
}

describe("places of a log", () => {
  it("are counted like a set, whatever their order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 120 }), (seqs) => {
        const [ranges, set] = [new SeqRanges(), new Set<number>()];
        for (const seq of seqs) {
          expect(ranges.add(seq)).toBe(!set.has(seq));
          set.add(seq);
        }
        let whole = 0;
        while (set.has(whole + 1)) whole++;
        expect([ranges.size, ranges.last, ranges.whole]).toEqual([set.size, Math.max(0, ...set), whole]);
      }),
    );
  });
});

describe("what a device has of a conversation", () => {
  it("is without fault if it was pushed, fetched and sent in pieces", () => {
    const { inbound, push } = inboundWith([1, 2]);
    inbound.own(3);
    inbound.ended(false, 0);
    push(6);
    inbound.fetch(4, from(4));
    inbound.fetch(5, from(5));
    expect(inbound.faults(6)).toEqual(NO_FAULTS);
    expect(inbound.whole).toBe(6);
  });

  it("lacks each message that never came", () => {
    expect(inboundWith([1, 2, 4]).inbound.faults(5)).toEqual({ ...NO_FAULTS, lost: 2 });
  });

  it("was given a message twice or out of order on one socket", () => {
    expect(inboundWith([1, 2, 2]).inbound.faults(2).doubled).toBe(1);
    expect(inboundWith([1, 3, 2]).inbound.faults(3).reordered).toBe(1);
  });

  it("may be given again what it has not acknowledged, or only just before it was cut off", () => {
    const { inbound, push } = inboundWith([1, 2, 3]);
    inbound.acked(3, LATER);
    inbound.ended(false, LATER + 100);
    for (const seq of [1, 2, 3]) push(seq);
    expect(inbound.faults(3)).toEqual(NO_FAULTS);
    expect(inbound.repeated).toBe(3);
  });

  it.each([
    ["after a close in order", true, 100],
    ["a while before it was cut off", false, LATER],
  ])("must not be given again what it acknowledged: %s", (_, isInOrder, after_ms) => {
    const { inbound, push } = inboundWith([1, 2, 3]);
    inbound.acked(2, 0);
    inbound.ended(isInOrder, after_ms);
    for (const seq of [2, 3]) push(seq);
    expect(inbound.faults(3)).toEqual({ ...NO_FAULTS, doubled: 1 });
    expect(inbound.repeated).toBe(1);
  });

  it("[DLV-4] may come on either kind of socket, or on both; what was acknowledged on one need not come on the other", () => {
    const inbound = new Inbound(new LogLedger());
    const device = inboundWith([1, 2], inbound);
    const conversation = inboundWith([1, 2, 3, 4], inbound);
    inbound.acked(4, 0);
    inbound.ended(true, 0);
    device.push(5);
    expect(inbound.faults(5)).toEqual(NO_FAULTS);
    expect(inbound.repeated).toBe(0);
    conversation.push(4);
    expect(inbound.faults(5)).toEqual({ ...NO_FAULTS, doubled: 1 });
  });

  it("is the same for everybody", () => {
    const log = new LogLedger();
    const [first, second] = [inboundWith([], new Inbound(log)), inboundWith([], new Inbound(log))];
    first.push(1, { sender: 0, number: 0 });
    second.push(1, { sender: 1, number: 0 });
    expect(second.inbound.faults(1).reordered).toBe(1);
  });

  it("is acknowledged up to the first hole, and again if the ack may not have been heard", () => {
    const { inbound } = inboundWith([1, 2, 4]);
    expect(inbound.ackDue).toBe(2);
    inbound.acked(2, 0);
    expect(inbound.ackDue).toBeNull();
    inbound.own(3);
    expect(inbound.ackDue).toBe(4);
    inbound.acked(4, 0);
    inbound.ended(false, 10);
    expect(inbound.ackDue).toBe(4);
  });
});

describe("a device that is about to go", () => {
  it("says nothing after its Close: nobody would hear it, and the account would take it for heard", () => {
    const inbound = new Inbound(new LogLedger());
    const conversation = new SoakConversation("c", ["ada", "bob"], []);
    const world = new World("http://uim.test", new Tally());
    const options = { user_id: "ada", reading: "never", inbound, speaks: true } as const;
    const participation = new Participation(world, conversation, options);
    const said: string[] = [];
    participation.open({ send: (text) => said.push(text) });
    inbound.push(inbound.openStream(), 1, from(1));
    participation.fallSilent();
    participation.tick(LATER);
    expect(said).toEqual([]);
    expect(inbound.ackDue).toBe(1);
    participation.open({ send: (text) => said.push(text) });
    participation.tick(LATER);
    expect(said).toHaveLength(1);
  });
});

describe("a user's unread messages", () => {
  it("[UNR-1] are those of others after the read mark", () => {
    const senders = [{ user_id: "ada" }, { user_id: "bob" }];
    const conversation = new SoakConversation("c", ["ada", "bob"], senders);
    for (const [index, sender] of [0, 1, 1, 0, 1].entries()) {
      conversation.log.agrees(index + 1, sender, index);
      conversation.noteAck(index + 1);
    }
    expect([0, 2, 3, 5].map((read_seq) => conversation.unread("ada", read_seq))).toEqual([3, 2, 1, 0]);
    expect([0, 2, 3, 5].map((read_seq) => conversation.unread("bob", read_seq))).toEqual([2, 1, 1, 0]);
  });
});

const NO_SPREAD = { count: 0, p50: 0, p95: 0, p99: 0, max: 0 };
const SIZES = {
  rss_bytes: 100 * 2 ** 20,
  anonymous_bytes: 0,
  open_files: 10,
  objects_awake: 5,
  files: 20,
  folder_bytes: 0,
  wal_bytes: 0,
};

function minuteAt(minute: number, changes: Partial<Minute> = {}): Minute {
  return {
    ...SIZES,
    minute,
    seconds: 60,
    server_cpu: 0.1,
    client_cpu: 0.1,
    messages: 100,
    messages_in_all: minute * 100,
    deliveries: 100,
    synced: 0,
    returns: 0,
    folder_bytes: minute * 1_000,
    ack_ms: { count: 100, p50: 1, p95: 2, p99: 3, max: minute },
    delivery_ms: { ...NO_SPREAD, p99: 4 },
    rest_ms: { ...NO_SPREAD, p95: 5 },
    ...changes,
  };
}

function resultsWith(changes: Partial<SoakResults> = {}): SoakResults {
  return {
    at: "2026-11-24T00:00:00.000Z",
    machine: { cpu: "a processor", cores: 2, memory_gib: 8, node: "24" },
    users: 2,
    devices: 3,
    conversations: 1,
    rate: 1,
    seeded_bytes: 0,
    minutes: [minuteAt(1), minuteAt(2), minuteAt(3)],
    at_rest: SIZES,
    faults: NO_FAULTS,
    inbox_rows: 2,
    read_back: 300,
    gaps: 0,
    repeated: 0,
    error_count: 0,
    errors: [],
    ...changes,
  };
}

const measuredOf = (results: SoakResults, name: string) =>
  judgeFlatness(results).find((flatness) => flatness.name.includes(name))?.measured;

describe("the report of a soak", () => {
  it("joins the minutes of an hour into twelve intervals", () => {
    const intervals = intervalsOf(Array.from({ length: 60 }, (_, index) => minuteAt(index + 1)));
    expect(intervals.map(({ title }) => title)).toEqual(
      Array.from({ length: 12 }, (_, index) => `${index * 5 + 1}–${index * 5 + 5}`),
    );
    const { messages, folder_bytes, seconds, ack_ms } = intervals[1]?.minute ?? minuteAt(0);
    expect([messages, folder_bytes, seconds]).toEqual([500, 10_000, 300]);
    expect(ack_ms).toEqual({ count: 500, p50: 1, p95: 2, p99: 3, max: 10 });
  });

  it("knows the slope of a line, and that two points are none", () => {
    expect(slope([1, 2, 3, 4].map((x) => [x, 7 - 2 * x]))).toBeCloseTo(-2);
    expect(slope([[1, 1]])).toBeNull();
  });

  it("sees memory, latency and files grow, and leaves the first ten minutes out for memory", () => {
    const flat = Array.from({ length: 60 }, (_, index) => minuteAt(index + 1));
    const warming = flat.map((minute) => ({ ...minute, rss_bytes: Math.min(11, minute.minute) * 2 ** 20 }));
    expect(measuredOf(resultsWith({ minutes: warming }), "MiB an hour")).toBeCloseTo(0);
    // What grows with the databases themselves, and not with their logs, is their place in memory.
    const filling = flat.map((minute) => ({
      ...minute,
      rss_bytes: minute.minute * 3 * 2 ** 20,
      folder_bytes: minute.minute * 5 * 2 ** 20,
      wal_bytes: minute.minute * 2 * 2 ** 20,
    }));
    expect(measuredOf(resultsWith({ minutes: filling }), "MiB an hour")).toBeCloseTo(180);
    expect(measuredOf(resultsWith({ minutes: filling }), "RSS beyond the databases")).toBeCloseTo(0);
    const growing = flat.map((minute) => ({
      ...minute,
      rss_bytes: minute.minute * 2 ** 20,
      ack_ms: { ...minute.ack_ms, p99: minute.minute <= 20 ? 3 : 9 },
      folder_bytes: minute.minute ** 2,
    }));
    const results = resultsWith({ minutes: growing });
    expect(measuredOf(results, "MiB an hour")).toBeCloseTo(60);
    expect(measuredOf(results, "ack p99")).toBeCloseTo(3);
    expect(measuredOf(results, "data folder")).toBeCloseTo(5);
    expect(measuredOf(resultsWith({ minutes: flat }), "data folder")).toBeCloseTo(1);
  });

  it("has a place in the documents, and fills it again and again", () => {
    const [begin, end] = ["begin", "end"].map(
      (mark) => `<!-- Made by npm run soak -- --write-docs: ${mark} -->`,
    );
    const once = withFigures(`# Page\n\n${begin}\nold\n${end}\n\nThe rest\n`, resultsWith());
    expect(once).toContain("300 messages");
    expect(once).not.toContain("old");
    expect(once.startsWith("# Page\n")).toBe(true);
    expect(once.endsWith("\n\nThe rest\n")).toBe(true);
    expect(withFigures(once, resultsWith())).toBe(once);
    expect(() => withFigures("# Page", resultsWith())).toThrow("no place for the figures");
  });

  it("fails a run in which something went wrong, or nothing happened", () => {
    expect(findings(resultsWith())).toEqual([]);
    for (const fault of ["lost", "doubled", "reordered"] as const)
      expect(findings(resultsWith({ faults: { ...NO_FAULTS, [fault]: 1 } }))[0]).toContain(`1 ${fault}`);
    expect(findings(resultsWith({ error_count: 1, errors: ["unread"] }))).toContain("unread");
    expect(findings(resultsWith({ minutes: [minuteAt(1, { messages: 0 })] }))).toEqual([
      "no message was acked",
    ]);
  });

  it.each([
    ["passes", 0, resultsWith()],
    ["fails", 1, resultsWith({ faults: { ...NO_FAULTS, lost: 1 } })],
  ])("is printed again from its file, and %s", async (_, expected, results) => {
    const file = path.join(folderWith({ "results.json": JSON.stringify(results) }), "results.json");
    const { code, output } = await capture("node", [path.resolve("bench/soak/main.ts"), "--from", file]);
    expect(output).toContain(expected === 0 ? "Nothing lost" : "1 lost");
    expect(code).toBe(expected);
  });
});
