import fc from "fast-check";
import { expect, it } from "vitest";
import {
  announce,
  beginAt,
  contiguousSeq,
  holesOf,
  NO_POSITION,
  receive,
  skipTo,
} from "../../sdk/sync/position.ts";
import {
  addRange,
  cutBefore,
  hasSeq,
  holesWithin,
  NOTHING,
  type Ranges,
  runAfter,
} from "../../sdk/sync/ranges.ts";

const MAX = 30;
const rangeArbitrary = fc
  .tuple(fc.integer({ min: 1, max: MAX }), fc.integer({ min: 0, max: 6 }))
  .map(([from, length]) => [from, Math.min(MAX, from + length)] as const);

function seqsOf(ranges: Ranges): number[] {
  return Array.from({ length: MAX }, (_, index) => index + 1).filter((seq) => hasSeq(ranges, seq));
}

it("ranges are what a set of numbers is", () => {
  fc.assert(
    fc.property(
      fc.array(rangeArbitrary, { maxLength: 12 }),
      fc.nat(MAX),
      fc.nat(MAX),
      (added, after, upTo) => {
        const set = new Set<number>();
        let ranges = NOTHING;
        for (const [from, to] of added) {
          const before = ranges;
          const isNew = Array.from({ length: to - from + 1 }, (_, index) => from + index).some(
            (seq) => !set.has(seq),
          );
          for (let seq = from; seq <= to; seq++) set.add(seq);
          ranges = addRange(ranges, from, to);
          expect(ranges !== before).toBe(isNew);
        }
        expect(seqsOf(ranges)).toEqual([...set].sort((a, b) => a - b));
        for (const [index, range] of ranges.entries()) {
          expect(range.from_seq).toBeGreaterThan((ranges[index - 1]?.to_seq ?? -1) + 1);
        }
        let run = after;
        while (set.has(run + 1)) run++;
        expect(runAfter(ranges, after)).toBe(run);
        const missing = holesWithin(ranges, after, upTo).flatMap(({ from_seq, to_seq }) =>
          Array.from({ length: to_seq - from_seq + 1 }, (_, index) => from_seq + index),
        );
        const expected = Array.from({ length: MAX }, (_, index) => index + 1).filter(
          (seq) => seq > after && seq <= upTo && !set.has(seq),
        );
        expect(missing).toEqual(expected);
        expect(seqsOf(cutBefore(ranges, after))).toEqual(
          [...set].filter((seq) => seq >= after).sort((a, b) => a - b),
        );
      },
    ),
  );
});

it("a position acknowledges up to the first hole, and knows no hole before where it began", () => {
  let position = receive(NO_POSITION, 8, 8);
  expect([contiguousSeq(position), holesOf(position)]).toEqual([null, []]);
  position = receive(beginAt(position, 5), 5, 6);
  expect([contiguousSeq(position), holesOf(position)]).toEqual([6, [{ from_seq: 7, to_seq: 7 }]]);
  // Where it begins is said once.
  expect(beginAt(position, 2)).toBe(position);
  position = announce(position, { from_seq: 9, to_seq: 20 });
  expect(holesOf(position).at(-1)).toEqual({ from_seq: 9, to_seq: 20 });
  position = skipTo(position, 15);
  expect(holesOf(position)).toEqual([{ from_seq: 15, to_seq: 20 }]);
  expect(contiguousSeq(receive(position, 15, 20))).toBe(20);
});
