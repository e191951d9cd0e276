import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { publishMessage, type ReadState } from "../../src/domain/hand-over.ts";
import {
  acknowledge,
  applyRead,
  freshEntries,
  openInbox,
  positionOf,
  receiveEntries,
  takeHandOver,
} from "../../src/domain/inbox.ts";
import { PREVIEW_CHARS } from "../../src/domain/preview.ts";
import { contributionsOf } from "../../src/domain/unread.ts";
import { messageSchema } from "../../src/protocol/message.ts";
import { CONVERSATION, entryOf, faceOf, handedOf, ME, NOW } from "./samples.ts";

const DEVICES = ["phone", "laptop"];
const empty = openInbox(faceOf(0));

/** An inbox that has taken in `count` entries by the other one. */
function inboxOf(count: number) {
  const entries = Array.from({ length: count }, (_, index) => handedOf(index + 1));
  return receiveEntries(empty, entries, ME, DEVICES);
}

function readState(read_seq: number, unread_count: number, as_of_seq: number): ReadState {
  return { read_seq, unread_count, mention_count: 0, as_of_seq };
}

describe("a new inbox", () => {
  it("[UNR-1] begins where its user joined: nothing before it is unread or owed to a device", () => {
    const inbox = openInbox(faceOf(41));
    expect(inbox).toMatchObject({ head_seq: 41, read_seq: 41, delivered_seq: 41, unread_count: 0 });
    expect(positionOf(inbox, "phone")).toBe(41);
    const next = receiveEntries(inbox, [handedOf(42)], ME, DEVICES);
    expect(next).toMatchObject({ head_seq: 42, unread_count: 1, positions: { phone: 41, laptop: 41 } });
  });
});

describe("taking in entries", () => {
  it("[DLV-1] takes nothing where there is a hole before them", () => {
    expect(freshEntries(inboxOf(3), 4, [handedOf(5)])).toBeNull();
    expect(freshEntries(inboxOf(3), 3, [handedOf(4)])).toEqual([handedOf(4)]);
    const call = { after_seq: 4, entries: [handedOf(5)], acks: [], read: null };
    const before = inboxOf(3);
    expect(takeHandOver(before, call, ME, DEVICES, NOW)).toEqual({
      ...{ inbox: before, fresh: [], hidden: [] },
    });
  });

  it("[DLV-1] takes what it lacks of an overlapping hand-over, and of a repeated one nothing", () => {
    const entries = [2, 3, 4, 5].map((seq) => handedOf(seq));
    expect(freshEntries(inboxOf(3), 1, entries)).toEqual([handedOf(4), handedOf(5)]);
    const call = { after_seq: 1, entries, acks: [], read: null };
    const { inbox } = takeHandOver(inboxOf(3), call, ME, DEVICES, NOW);
    const again = takeHandOver(inbox, call, ME, DEVICES, NOW);
    expect(again.inbox).toBe(inbox);
    expect(again.fresh).toEqual([]);
  });

  it("[DLV-3] owes the sender's other devices its message, and the sending one nothing", () => {
    const inbox = receiveEntries(empty, [handedOf(1, "phone")], ME, DEVICES);
    expect(inbox.positions).toEqual({ laptop: 0 });
    expect(inbox.unread_count).toBe(0);
  });

  it("[DLV-1] a device that sends while it lags is still owed what came before", () => {
    const inbox = receiveEntries(empty, [handedOf(1), handedOf(2, "phone")], ME, DEVICES);
    expect(inbox.positions).toEqual({ phone: 0, laptop: 0 });
  });

  it("shows the beginning of the last message, never half a character", () => {
    const preview = (content: string) => {
      const { handed } = publishMessage(entryOf(1, { content }), CONVERSATION, null);
      const { last_message } = receiveEntries(empty, [handed], ME, []);
      return messageSchema.parse(JSON.parse(last_message ?? ""));
    };
    const end = fc.string({ unit: fc.constantFrom("a", "é", "😀"), maxLength: 20 });
    fc.assert(
      fc.property(end, (end) => {
        const content = "x".repeat(PREVIEW_CHARS - 10) + end;
        const shown = preview(content).content;
        expect(shown.isWellFormed()).toBe(true);
        expect(shown.length).toBe(Math.min(content.length, PREVIEW_CHARS));
        expect(content.startsWith(shown.slice(0, -1))).toBe(true);
      }),
    );
    expect(preview("a".repeat(PREVIEW_CHARS)).content).toHaveLength(PREVIEW_CHARS);
    expect(preview(`${"a".repeat(PREVIEW_CHARS - 1)}😀`).content.endsWith("\ufffd")).toBe(true);
  });
});

describe("acks", () => {
  it("[DLV-2] are cumulative, never go back, and reach at most to the head", () => {
    const inbox = acknowledge(inboxOf(5), "phone", 3, NOW);
    expect(inbox).toMatchObject({ positions: { phone: 3, laptop: 0 }, delivered_seq: 3 });
    expect(acknowledge(inbox, "phone", 2, NOW)).toBe(inbox);
    expect(acknowledge(inbox, "phone", 99, NOW)).toMatchObject({
      positions: { laptop: 0 },
      delivered_seq: 5,
    });
  });

  it("[DLV-5] the user has what the furthest device has", () => {
    const inbox = acknowledge(acknowledge(inboxOf(5), "phone", 4, NOW), "laptop", 2, NOW);
    expect(inbox).toMatchObject({ positions: { phone: 4, laptop: 2 }, delivered_seq: 4 });
  });
});

describe("read marks", () => {
  it("[UNR-1] count what came while the answer was on its way", () => {
    const inbox = inboxOf(5);
    expect(
      applyRead(inbox, readState(3, 1, 4), contributionsOf([handedOf(4), handedOf(5)], ME), NOW),
    ).toMatchObject({
      read_seq: 3,
      unread_count: 2,
      counted_seq: 5,
    });
  });

  it("[UNR-1] do not count twice what the conversation counted before it was handed over", () => {
    const ahead = applyRead(inboxOf(2), readState(1, 4, 5), [], NOW);
    const entries = [3, 4, 5, 6].map((seq) => handedOf(seq));
    expect(receiveEntries(ahead, entries, ME, DEVICES).unread_count).toBe(5);
  });

  it("[UNR-1] an older answer changes nothing", () => {
    const inbox = applyRead(inboxOf(5), readState(3, 2, 5), [], NOW);
    expect(applyRead(inbox, readState(2, 3, 5), [], NOW)).toBe(inbox);
    expect(applyRead(inbox, readState(3, 1, 4), [], NOW)).toBe(inbox);
    expect(applyRead(inbox, readState(3, 2, 5), [], NOW)).toBe(inbox);
  });

  it("[UNR-1] one that rides on a hand-over does not hide the entries beside it", () => {
    const read = readState(3, 0, 3);
    const call = { after_seq: 3, entries: [handedOf(4), handedOf(5, "phone")], acks: [], read };
    expect(takeHandOver(inboxOf(3), call, ME, DEVICES, NOW).inbox).toMatchObject({
      read_seq: 3,
      unread_count: 1,
    });
  });

  it("[UNR-1] one from a call that a crash delayed does not hide what has come since", () => {
    const read = readState(3, 0, 3);
    const before = inboxOf(4);
    expect(
      takeHandOver(before, { after_seq: 2, entries: [handedOf(3)], acks: [], read }, ME, DEVICES, NOW).inbox,
    ).toBe(before);
  });
});
