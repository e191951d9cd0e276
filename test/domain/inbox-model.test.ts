import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InboxWorld, lastSeqOf } from "./inbox-world.ts";

const ACTS = [
  "post",
  "change",
  "hide",
  "call",
  "arrive",
  "loseAnswer",
  "delayCall",
  "arriveLate",
  "crash",
  "ack",
  "ackOnConversationSocket",
  "askToRead",
  "markRead",
  "endReading",
  "joinDevice",
] as const;
type Act = (typeof ACTS)[number];

/** What happens, and two numbers to choose with: who, which, how far. Half of it is posting and calling. */
const act = fc.oneof(fc.constantFrom<Act[]>("post", "call", "arrive"), fc.constantFrom(...ACTS));
const happenings = fc.array(fc.tuple(act, fc.nat(1000), fc.nat(1000)), { maxLength: 120, size: "max" });

/** Lets things happen, and checks after each what holds at every moment. */
function run(steps: readonly (readonly [Act, number, number])[]): InboxWorld {
  const world = new InboxWorld();
  for (const [act, a, b] of steps) {
    const before = world.inbox;
    world[act](a, b);
    world.check(before);
  }
  return world;
}

const often = { numRuns: 1_000 };

describe("an inbox against its model", () => {
  it("[UNR-1] [DLV-2] keeps exact at every moment, whatever is repeated, late, lost or out of order", () => {
    fc.assert(
      fc.property(happenings, (steps) => {
        run(steps);
      }),
      often,
    );
  });

  it("[UNR-1] is what the conversation says when everything has arrived", () => {
    fc.assert(
      fc.property(happenings, (steps) => {
        const world = run(steps);
        world.settle();
        const { conversation, inbox } = world;
        const { head_seq, read_seq } = conversation;
        const { unread, mentions } = conversation.unread(read_seq, head_seq);
        expect(inbox).toMatchObject({ head_seq, read_seq, unread_count: unread, mention_count: mentions });
        // Nothing that I have hidden is shown, whoever told of it when.
        expect(lastSeqOf(inbox)).toBe(conversation.lastShown(head_seq));
      }),
      often,
    );
  });

  it("[DLV-1] [DLV-2] a device lags until it has acked the rest itself", () => {
    fc.assert(
      fc.property(happenings, (steps) => {
        const world = run(steps);
        world.settle();
        const { head_seq } = world.inbox;
        for (const a of [0, 1, 2, 3]) world.ack(a, head_seq);
        expect(world.inbox).toMatchObject({ positions: {}, delivered_seq: head_seq });
      }),
      often,
    );
  });
});
