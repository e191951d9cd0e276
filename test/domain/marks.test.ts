import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advanceMarks, type Marks, NO_MARKS } from "../../src/domain/marks.ts";

const step = fc.record({
  status: fc.constantFrom("delivered" as const, "read" as const),
  seq: fc.nat(40),
  arrived: fc.nat(3),
});

/** Drives marks through acks while the log grows; `check` sees every move. */
function drive(
  steps: readonly { status: "delivered" | "read"; seq: number; arrived: number }[],
  check: (
    before: Marks,
    after: Marks,
    ack: { status: string; target: number; now: number; head: number },
  ) => void,
): void {
  let marks = NO_MARKS;
  let head = 0;
  for (const [now, { status, seq, arrived }] of steps.entries()) {
    head += arrived;
    const after = advanceMarks(marks, status, seq, head, now);
    check(marks, after, { status, target: Math.min(seq, head), now, head });
    marks = after;
  }
}

describe("marks", () => {
  it("[DLV-5] marks only grow, and read ≤ delivered ≤ head", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) =>
        drive(steps, (before, after, { head }) => {
          expect(after.delivered_seq).toBeGreaterThanOrEqual(before.delivered_seq);
          expect(after.read_seq).toBeGreaterThanOrEqual(before.read_seq);
          expect(after.read_seq).toBeLessThanOrEqual(after.delivered_seq);
          expect(after.delivered_seq).toBeLessThanOrEqual(head);
        }),
      ),
    );
  });

  it("[DLV-5] an ack moves the mark to its place, and what is read is delivered", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) =>
        drive(steps, (before, after, { status, target }) => {
          expect(after.delivered_seq).toBe(Math.max(before.delivered_seq, target));
          expect(after.read_seq).toBe(
            status === "read" ? Math.max(before.read_seq, target) : before.read_seq,
          );
        }),
      ),
    );
  });

  it("[DLV-5] notes the time of a mark when that mark moves, and answers the same object when none does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) =>
        drive(steps, (before, after, { now }) => {
          const delivers = after.delivered_seq > before.delivered_seq;
          const reads = after.read_seq > before.read_seq;
          expect(after.delivered_at).toBe(delivers ? now : before.delivered_at);
          expect(after.read_at).toBe(reads ? now : before.read_at);
          if (!delivers && !reads) expect(after).toBe(before);
        }),
      ),
    );
  });
});
