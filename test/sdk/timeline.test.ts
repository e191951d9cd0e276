import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { moveMark, statusAt } from "../../sdk/state/marks.ts";
import { afterEvent, afterList, type Memberships, membersOf } from "../../sdk/state/membership.ts";
import { TimelineMaker } from "../../sdk/state/timeline.ts";
import { nextTypingEnd, stillTyping, takeTyping, withoutTyper } from "../../sdk/state/typing.ts";
import { CHAT, LogModel, ME, OTHER } from "./support/log-model.ts";

const unsent = {
  client_message_id: "m1",
  conversation_id: CHAT,
  content: "text 1",
  reply_to_seq: null,
  metadata: null,
  created_at: 1,
  position: 1,
  failure: null,
};

describe("a timeline", () => {
  const log = new LogModel([
    { kind: "message", sender_id: ME, isFromHere: true },
    { kind: "message", sender_id: OTHER, isFromHere: false },
  ]);
  const input = { user_id: ME, messages: log.messages(), unsent: [], marks: {}, others: [OTHER] };

  it("keeps the key of a message from the moment it is written", () => {
    const maker = new TimelineMaker();
    const [pending] = maker.make({ ...input, messages: [], unsent: [unsent] });
    expect(pending).toMatchObject({ status: "pending", seq: null, message_id: null });
    const [sent] = maker.make(input);
    expect(sent).toMatchObject({ status: "sent", seq: 1, key: pending?.key });
    // While the ack and the entry cross, it is shown once.
    expect(maker.make({ ...input, unsent: [unsent] })).toHaveLength(2);
  });

  it("is the same object, and made of the same objects, where nothing has changed", () => {
    const maker = new TimelineMaker();
    const before = maker.make(input);
    expect(maker.make({ ...input, marks: { [ME]: { delivered_seq: 1, read_seq: 1 } } })).toBe(before);
    const after = maker.make({ ...input, marks: { [OTHER]: { delivered_seq: 1, read_seq: 0 } } });
    expect(after.map(({ status }) => status)).toEqual(["delivered", null]);
    expect(after[0]).not.toBe(before[0]);
    expect(after[1]).toBe(before[1]);
  });
});

describe("marks", () => {
  it("are the furthest that was told, in any order [DLV-5]", () => {
    const told = fc.array(
      fc.record({ status: fc.constantFrom("delivered" as const, "read" as const), seq: fc.nat(20) }),
    );
    fc.assert(
      fc.property(told, (marks) => {
        const moved = marks.reduce((all, { status, seq }) => moveMark(all, OTHER, status, seq), {});
        const furthest = (list: typeof marks) => Math.max(0, ...list.map(({ seq }) => seq));
        const expected = {
          delivered_seq: furthest(marks),
          read_seq: furthest(marks.filter(({ status }) => status === "read")),
        };
        expect(moved).toEqual(marks.length === 0 ? {} : { [OTHER]: expected });
      }),
    );
  });

  it("say how far all have got, and nothing of those who are not known", () => {
    const marks = { a: { delivered_seq: 5, read_seq: 5 }, b: { delivered_seq: 5, read_seq: 2 } };
    expect([1, 3, 6].map((seq) => statusAt(seq, marks, ["a", "b"]))).toEqual(["read", "delivered", "sent"]);
    expect(statusAt(1, marks, ["a", "b", "c"])).toBe("sent");
    expect(statusAt(1, marks, [])).toBe("sent");
  });
});

it("who is a member does not depend on the order in which one hears of it", () => {
  const changeArbitrary = fc.record({ user_id: fc.constantFrom("a", "b", "c"), isAdded: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(changeArbitrary, { maxLength: 10 }),
      fc.nat(),
      fc.nat(10),
      (changes, seed, listed) => {
        const events = changes.map(({ user_id, isAdded }, index) => (known: Memberships) => {
          const user_ids = [user_id];
          const event = isAdded
            ? ({ change: "member_added", user_ids, by_invite: false } as const)
            : ({ change: "member_removed", user_ids, has_left: false } as const);
          return afterEvent(known, event, index + 1);
        });
        const members = (upTo: number) => {
          const last = new Map(changes.slice(0, upTo).map(({ user_id, isAdded }) => [user_id, isAdded]));
          return [...last].filter(([, isAdded]) => isAdded).map(([user_id]) => user_id);
        };
        const as_of_seq = Math.min(listed, changes.length);
        const all = [...events, (known: Memberships) => afterList(known, members(as_of_seq), as_of_seq)];
        const order = all.map((apply, index) => ({ apply, place: (seed * (index + 7)) % 11 }));
        const known = order.sort((a, b) => a.place - b.place).reduce((sum, { apply }) => apply(sum), {});
        expect(membersOf(known).sort()).toEqual(members(changes.length).sort());
      },
    ),
  );
});

it("typing ends when it is over, and is gone when somebody has spoken", () => {
  const typing = { conversation_id: CHAT, user_id: OTHER, is_typing: true, expires_in_ms: 5_000 };
  const typers = takeTyping({}, typing, 1_000);
  expect(nextTypingEnd(typers)).toBe(6_000);
  expect(stillTyping(typers, 5_999)).toBe(typers);
  expect(stillTyping(typers, 6_000)).toEqual({});
  expect(withoutTyper(typers, ME)).toBe(typers);
  expect(withoutTyper(typers, OTHER)).toEqual({});
  expect(takeTyping(typers, { ...typing, is_typing: false }, 2_000)).toEqual({});
});
