import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyRead,
  isOvertaken,
  leaveWhenTold,
  openInbox,
  receiveEntries,
  withMembership,
} from "../../src/domain/inbox.ts";
import { faceOf, handedOf, ME, NOW } from "./samples.ts";

/** An inbox that has got so far, of a member that came after `joined_seq`. */
function inboxAt(head_seq: number, joined_seq = 0) {
  const entries = Array.from({ length: head_seq - joined_seq }, (_, index) =>
    handedOf(joined_seq + index + 1),
  );
  return receiveEntries(openInbox(faceOf(joined_seq)), entries, ME, ["phone", "laptop"]);
}

const leaving = (left_seq: number, joined_seq = 0) => ({ ...faceOf(joined_seq), left_seq });

describe("an inbox whose user leaves", () => {
  it("[CONV-4] has left when it has come up to the entry that says so, not before", () => {
    expect(leaveWhenTold(inboxAt(4), leaving(5)).left_seq).toBeNull();
    const left = leaveWhenTold(inboxAt(5), leaving(5));
    expect(left.left_seq).toBe(5);
    expect(leaveWhenTold(left, leaving(5))).toBe(left);
    expect(leaveWhenTold(inboxAt(5), faceOf(0)).left_seq).toBeNull();
  });

  it("[CONV-4] [UNR-1] begins anew when it comes back, wherever it had got", () => {
    const places = fc.record({
      head_seq: fc.integer({ min: 0, max: 10 }),
      left_seq: fc.integer({ min: 1, max: 10 }),
      away: fc.integer({ min: 0, max: 5 }),
      unread: fc.nat(3),
    });
    fc.assert(
      fc.property(places, ({ head_seq, left_seq, away, unread }) => {
        const before = inboxAt(Math.min(head_seq, left_seq));
        const told = leaveWhenTold(before, leaving(left_seq));
        const joined_seq = left_seq + away;
        const back = withMembership(told, faceOf(joined_seq));
        expect(back).toMatchObject({
          head_seq: joined_seq,
          counted_seq: joined_seq,
          read_seq: joined_seq,
          delivered_seq: joined_seq,
          unread_count: 0,
          mention_count: 0,
          left_seq: null,
          last_message: null,
          positions: {},
        });
        const entries = Array.from({ length: unread }, (_, index) => handedOf(joined_seq + index + 1));
        expect(receiveEntries(back, entries, ME, ["phone"])).toMatchObject({ unread_count: unread });
        expect(withMembership(back, faceOf(joined_seq))).toBe(back);
      }),
    );
  });

  it("[UNR-1] keeps what it has read on in its new time, if that comes to it before the entry that says it is back", () => {
    const left = leaveWhenTold(inboxAt(5), leaving(5));
    const read = { read_seq: 8, unread_count: 2, mention_count: 1, as_of_seq: 10 };
    const ahead = applyRead(left, read, [], NOW);
    expect(withMembership(ahead, faceOf(7))).toMatchObject({
      head_seq: 7,
      read_seq: 8,
      counted_seq: 10,
      unread_count: 2,
      mention_count: 1,
    });
  });
});

describe("a call that was overtaken", () => {
  it("[CONV-4] is one that ends before the inbox does", () => {
    const inbox = inboxAt(5);
    expect(isOvertaken(inbox, { after_seq: 4, entries: [] })).toBe(true);
    expect(isOvertaken(inbox, { after_seq: 2, entries: [handedOf(3), handedOf(4)] })).toBe(true);
    expect(isOvertaken(inbox, { after_seq: 5, entries: [] })).toBe(false);
    expect(isOvertaken(inbox, { after_seq: 4, entries: [handedOf(5)] })).toBe(false);
    expect(isOvertaken(inbox, { after_seq: 9, entries: [] })).toBe(false);
  });
});
