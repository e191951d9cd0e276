import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planCatchUp } from "../../src/domain/catch-up.ts";

const range = fc.record({
  position: fc.nat(300),
  behind: fc.nat(300),
  limit: fc.integer({ min: 1, max: 250 }),
});

function seqs(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}

describe("catch-up", () => {
  it("[DLV-1] pushes and announces together exactly what the device has not acked, each entry once", () => {
    fc.assert(
      fc.property(range, ({ position, behind, limit }) => {
        const head = position + behind;
        const { after_seq, gap } = planCatchUp(position, head, limit);
        const announced = gap ? seqs(gap.from_seq, gap.to_seq) : [];
        expect([...announced, ...seqs(after_seq + 1, head)]).toEqual(seqs(position + 1, head));
      }),
    );
  });

  it("[DLV-1] pushes the newest, at most the limit, and announces a gap only beyond it", () => {
    fc.assert(
      fc.property(range, ({ position, behind, limit }) => {
        const { after_seq, gap } = planCatchUp(position, position + behind, limit);
        expect(position + behind - after_seq).toBe(Math.min(behind, limit));
        expect(gap === null).toBe(behind <= limit);
      }),
    );
  });

  it("[DLV-1] at the limit there is no gap; one entry more, and the gap is that one", () => {
    expect(planCatchUp(10, 210, 200)).toEqual({ after_seq: 10, gap: null });
    expect(planCatchUp(10, 211, 200)).toEqual({ after_seq: 11, gap: { from_seq: 11, to_seq: 11 } });
  });
});
