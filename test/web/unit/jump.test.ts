import { describe, expect, it } from "vitest";
import type { ConversationSnapshot } from "../../../sdk/index.ts";
import { type Goal, jump } from "../../../web/src/conversation/jump.ts";
import { timelineItems } from "../../../web/src/conversation/timeline.ts";
import { shownMessage } from "./shown-message.ts";

/** A conversation of messages 1 to 9, of which some are loaded. */
class History {
  #from: number;
  #to: number;
  isBroken = false;
  /** Its user goes back to the newest while it loads. */
  isLeft = false;

  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
  }

  getSnapshot = (): ConversationSnapshot => ({
    conversation_id: "c",
    row: null,
    details: null,
    messages: Array.from({ length: this.#to - this.#from + 1 }, (_, index) =>
      shownMessage(this.#from + index, "ada", 0),
    ),
    hasEarlier: this.#from > 1,
    hasLater: this.#to < 9,
    typing: [],
    members: [],
    marks: {},
  });
  showAround = async (seq: number) => {
    if (this.isBroken) throw new Error("offline");
    if (this.isLeft) return false;
    if (seq < this.#from || seq > this.#to)
      [this.#from, this.#to] = [Math.max(1, seq - 1), Math.min(9, seq + 1)];
    return true;
  };
  loadEarlier = async () => {
    this.#from = Math.max(1, this.#from - 2);
    return this.#from > 1;
  };
  loadLater = async () => {
    this.#to = Math.min(9, this.#to + 2);
  };
}

async function jumpIn(history: History, seq: number) {
  const goal: Goal = { current: null };
  const reached: number[] = [];
  const isThere = await jump(goal, seq, history, () => {
    const items = timelineItems(history.getSnapshot(), null);
    if (!items.some((item) => "message" in item && item.message.seq === goal.current)) return;
    reached.push(seq);
    goal.current = null;
  });
  return { isThere, reached, goal };
}

describe("a jump", () => {
  it("reaches any message there is, at the edge of what is loaded as well", async () => {
    for (let seq = 1; seq <= 9; seq++) {
      expect(await jumpIn(new History(4, 7), seq)).toMatchObject({ isThere: true, reached: [seq] });
    }
  });

  it("says that there is no such message", async () => {
    expect(await jumpIn(new History(4, 9), 12)).toMatchObject({ isThere: false, reached: [] });
  });

  it("that did not work does not happen later by itself", async () => {
    const history = new History(4, 7);
    history.isBroken = true;
    const goal: Goal = { current: null };
    await expect(jump(goal, 2, history, () => undefined)).rejects.toThrow("offline");
    expect(goal.current).toBeNull();
  });

  it("goes nowhere, and finds nothing missing, where its user has gone elsewhere meanwhile", async () => {
    const history = new History(4, 7);
    history.isLeft = true;
    const { isThere, reached, goal } = await jumpIn(history, 2);
    expect({ isThere, reached, goal }).toEqual({ isThere: true, reached: [], goal: { current: null } });
  });

  it("leaves the goal to another that has begun meanwhile", async () => {
    const goal: Goal = { current: null };
    const first = jump(goal, 2, new History(4, 7), () => undefined);
    goal.current = "newest";
    expect(await first).toBe(true);
    expect(goal.current).toBe("newest");
  });
});
