import { describe, expect, it } from "vitest";
import type { ShownMessage } from "../../../sdk/index.ts";
import { firstUnread, seqReadBy, timelineItems } from "../../../web/src/conversation/timeline.ts";
import { shownMessage as message } from "./shown-message.ts";

const NOON = Date.UTC(2026, 4, 4, 12);
const MINUTE = 60_000;

const whole = (messages: readonly ShownMessage[]) => ({ messages, hasEarlier: false, hasLater: false });

const shape = (messages: readonly ShownMessage[], unread: number | null = null, edges = {}) =>
  timelineItems({ ...whole(messages), ...edges }, unread).map((item) =>
    item.kind === "message" ? `${item.key}${item.isFirst ? "^" : ""}${item.isLast ? "$" : ""}` : item.kind,
  );

describe("the timeline", () => {
  it("puts together what one person said within five minutes", () => {
    const messages = [
      message(1, "ada", NOON),
      message(2, "ada", NOON + MINUTE),
      message(3, "bob", NOON + 2 * MINUTE),
      message(4, "bob", NOON + 9 * MINUTE),
    ];
    expect(shape(messages)).toEqual(["day", "m1^", "m2$", "m3^$", "m4^$"]);
  });

  it("begins each day anew, and the unread ones with a line", () => {
    const messages = [
      message(1, "ada", NOON),
      message(2, "ada", NOON + MINUTE),
      message(3, "ada", NOON + 24 * 60 * MINUTE),
    ];
    expect(shape(messages, 2)).toEqual(["day", "m1^$", "unread", "m2^$", "day", "m3^$"]);
  });

  it("shows nothing at an edge that the page beyond it could change", () => {
    const messages = [
      message(5, "ada", NOON),
      message(6, "ada", NOON + MINUTE),
      message(7, "bob", NOON + MINUTE),
      message(8, "bob", NOON + 2 * MINUTE),
    ];
    expect(shape(messages, null, { hasEarlier: true })).toEqual(["m6$", "m7^", "m8$"]);
    expect(shape(messages, null, { hasLater: true })).toEqual(["day", "m5^", "m6$", "m7^"]);
    // What comes in above is added, and nothing else has changed.
    const earlier = [message(4, "ada", NOON - MINUTE), ...messages];
    expect(shape(earlier, null, { hasEarlier: true })).toEqual(["m5", "m6$", "m7^", "m8$"]);
    expect(shape([message(9, "ada", NOON)], null, { hasEarlier: true, hasLater: true })).toEqual([
      "day",
      "m9^$",
    ]);
  });

  it("leaves out what is hidden, and shows events between messages", () => {
    const event = { change: "renamed", name: "x" } as const;
    const messages = [
      message(1, "ada", NOON),
      message(2, "ada", NOON, { hidden: true }),
      message(3, "ada", NOON, { message_type: "system", event }),
      message(4, "ada", NOON),
    ];
    expect(shape(messages)).toEqual(["day", "m1^$", "event", "m4^$"]);
  });

  it("finds the first unread message by somebody else", () => {
    const messages = [message(1, "ada", NOON), message(2, "me", NOON), message(3, "ada", NOON)];
    expect(firstUnread(whole(messages), 0)).toBe(1);
    expect(firstUnread(whole(messages), 1)).toBe(3);
    expect(firstUnread(whole(messages), 3)).toBeNull();
    expect(firstUnread({ ...whole(messages), hasEarlier: true }, 0)).toBe(3);
  });
});

describe("what has been read", () => {
  const items = timelineItems(whole([message(3, "ada", NOON), message(4, "ada", NOON)]), 4);
  const row = (newest: number, head_seq: number) => ({ head_seq, last_message: { seq: newest } });

  it("goes as far as what is on screen, wherever the conversation ends", () => {
    expect(items.map(({ kind }) => kind)).toEqual(["day", "message", "unread", "message"]);
    expect([-1, 0, 1, 2, 3].map((index) => seqReadBy(items, index, row(4, 6)))).toEqual([0, 0, 3, 3, 4]);
  });

  it("is everything at the end, also what is no message, once the newest message is there", () => {
    expect(seqReadBy(items, "end", row(4, 6))).toBe(6);
    expect(seqReadBy(items, "end", row(5, 6))).toBe(4);
    expect(seqReadBy([], "end", row(5, 6))).toBe(0);
    expect(seqReadBy([], "end", { head_seq: 6, last_message: null })).toBe(6);
  });
});
