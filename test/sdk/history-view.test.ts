import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HistoryView, MAX_HELD, PAGE } from "../../sdk/history-view.ts";
import type { HistoryRequest } from "../../sdk/http/messages-api.ts";
import { MAX_SHOWN } from "../../sdk/state/stretch.ts";
import { hasSeq } from "../../sdk/sync/ranges.ts";
import { Replica, type Way } from "../../sdk/sync/replica.ts";
import type { HistoryPage } from "../../src/protocol/message.ts";
import { CHAT, ME, newMessage, OTHER } from "./support/log-model.ts";

/** A conversation of nothing but messages, and a device that has none of it yet. */
function longConversation(length: number) {
  let head_seq = length;
  const messageAt = (seq: number) => newMessage(seq, OTHER, `text ${seq}`);
  const between = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => messageAt(from + index));
  const replica = new Replica(ME);
  const requests: HistoryRequest[] = [];
  const history = async (_id: string, query: HistoryRequest = {}): Promise<HistoryPage> => {
    requests.push(query);
    const { before_seq = head_seq + 1, after_seq, limit = PAGE } = query;
    if (after_seq === undefined) {
      const to = Math.min(head_seq, before_seq - 1);
      const items = between(Math.max(1, to - limit + 1), to);
      return { items, updates: [], head_seq, has_more: to > limit, next_after_seq: null };
    }
    const to = Math.min(head_seq, after_seq + limit);
    const has_more = to < head_seq;
    const next_after_seq = has_more ? to : null;
    return { items: between(after_seq + 1, to), updates: [], head_seq, has_more, next_after_seq };
  };
  const view = new HistoryView(CHAT, { engine: { replica, apply: () => undefined }, api: { history } });
  const state = replica.conversation(CHAT);
  const shown = () => {
    const { from_seq, to_seq } = state.shown ?? { from_seq: 1, to_seq: 0 };
    return state.log.between(from_seq, to_seq ?? Infinity).map(({ seq }) => seq);
  };
  const says = (way: Way = "device") => {
    head_seq++;
    replica.takeFrame({ type: "MESSAGE_RECEIVE", payload: messageAt(head_seq) }, way, 0);
  };
  return { view, state, shown, says, requests, head: () => head_seq };
}

type Going = "earlier" | "later" | "newest" | "away" | number;

function go(view: HistoryView, going: Going): unknown {
  if (typeof going === "number") return view.showAround(going);
  const ways = {
    earlier: () => view.loadEarlier(),
    later: () => view.loadLater(),
    newest: () => view.showNewest(),
    away: () => view.leave(),
  };
  return ways[going]();
}

/** Each with how many turns later the next follows. */
const hastyMoves = fc.array(
  fc.tuple(
    fc.oneof(
      fc.constantFrom<Going[]>("earlier", "later", "newest", "away"),
      fc.integer({ min: 1, max: 3_000 }),
    ),
    fc.nat(12),
  ),
  { maxLength: 40 },
);

const anyMoves = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant("earlier" as const) },
    { weight: 4, arbitrary: fc.constant("later" as const) },
    { weight: 1, arbitrary: fc.constant("newest" as const) },
    { weight: 2, arbitrary: fc.constant("says" as const) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 3_000 }) },
  ),
  { maxLength: 60 },
);

function expectToBeWhole({ state, shown, head }: ReturnType<typeof longConversation>): void {
  const seqs = shown();
  if (seqs.length === 0) {
    // The newest are still to be loaded.
    expect(hasSeq(state.log.held, head())).toBe(false);
    return;
  }
  const [first = 0] = seqs;
  expect(seqs).toEqual(seqs.map((_, index) => first + index));
  expect(seqs.length).toBeLessThanOrEqual(MAX_SHOWN);
  expect(state.hasEarlier).toBe(first > 1);
  expect(state.visited === null).toBe(seqs.at(-1) === head());
}

describe("what is shown of a long conversation", () => {
  it("has no hole, whoever goes where, and says whether there is more on either side", async () => {
    await fc.assert(
      fc.asyncProperty(anyMoves, fc.integer({ min: 1, max: 3_000 }), async (steps, start) => {
        const chat = longConversation(3_000);
        await chat.view.showAround(start);
        for (const step of steps) {
          await (step === "says" ? chat.says() : go(chat.view, step));
          if (typeof step === "number") expect(chat.shown()).toContain(step);
          expectToBeWhole(chat);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("stays with the newest, or left, whatever was under way", async () => {
    await fc.assert(
      fc.asyncProperty(hastyMoves, fc.constantFrom("newest", "away"), async (moves, last) => {
        const { view, state } = longConversation(3_000);
        await view.loadEarlier();
        const underWay: unknown[] = [];
        for (const [move, turns] of moves) {
          underWay.push(go(view, move));
          for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        }
        go(view, last);
        await Promise.all(underWay);
        expect(state.visited).toBeNull();
        if (last === "away") expect(state.isLookedAt).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("are not the newest where an old page is all there is", async () => {
    const { view, state, shown, says, head } = longConversation(1_000);
    await view.showAround(100);
    expect(state.visited).not.toBeNull();
    says("conversation");
    view.showNewest();
    expect(shown()).toEqual([1_001]);
    await view.showAround(100);
    for (let pages = 0; state.visited && pages < 30; pages++) await view.loadLater();
    expect([shown()[0], shown().at(-1)]).toEqual([76, head()]);
  });

  it("stays where more was said than was kept", async () => {
    const { view, state, shown } = longConversation(1_000);
    for (let seq = 901; seq <= 990; seq++) state.log.take(newMessage(seq, OTHER, `text ${seq}`), seq);
    state.log.cover(901, 990);
    await view.loadEarlier();
    expect([shown()[0], shown().at(-1)]).toEqual([851, 990]);
    await view.loadLater();
    expect([shown()[0], shown().at(-1), state.visited]).toEqual([851, 1_000, null]);
  });

  it("goes through all of it and back, and holds only a part of it at a time", async () => {
    const { view, state, shown, head } = longConversation(6_000);
    while (await view.loadEarlier()) expect(state.log.size).toBeLessThanOrEqual(MAX_HELD + PAGE);
    expect(shown()[0]).toBe(1);
    while (state.visited) {
      await view.loadLater();
      expect(state.log.size).toBeLessThanOrEqual(MAX_HELD + PAGE);
    }
    expect(shown().at(-1)).toBe(head());
  });

  it("is fetched once by those who ask at the same time", async () => {
    const { view, requests } = longConversation(500);
    await Promise.all([view.loadEarlier(), view.loadEarlier()]);
    await Promise.all([view.loadEarlier(), view.loadEarlier()]);
    expect(requests).toEqual([{ limit: PAGE }, { before_seq: 451, limit: PAGE }]);
  });
});
