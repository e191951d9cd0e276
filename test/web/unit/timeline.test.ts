import { describe, expect, it } from "vitest";
import type { ShownMessage } from "../../../sdk/index.ts";
import { firstUnread, timelineItems } from "../../../web/src/conversation/timeline.ts";

const NOON = Date.UTC(2026, 4, 4, 12);
const MINUTE = 60_000;

function message(seq: number, sender_id: string, at: number, more: Partial<ShownMessage> = {}): ShownMessage {
  return {
    key: `m${seq}`,
    seq,
    message_id: `id${seq}`,
    conversation_id: "c",
    sender_id,
    message_type: "text",
    content: "",
    reply_to_seq: null,
    metadata: null,
    created_at: at,
    edited_at: null,
    deleted_at: null,
    reactions: [],
    mine: sender_id === "me",
    status: null,
    failure: null,
    ...more,
  };
}

const shape = (messages: readonly ShownMessage[], unread: number | null = null, hasEarlier = false) =>
  timelineItems(messages, unread, hasEarlier).map((item) =>
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

  it("does not name the first day while there is something earlier", () => {
    const messages = [message(5, "ada", NOON), message(6, "ada", NOON + 24 * 60 * MINUTE)];
    expect(shape(messages, null, true)).toEqual(["m5^$", "day", "m6^$"]);
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
    expect(firstUnread(messages, 0)).toBe(1);
    expect(firstUnread(messages, 1)).toBe(3);
    expect(firstUnread(messages, 3)).toBeNull();
  });
});
