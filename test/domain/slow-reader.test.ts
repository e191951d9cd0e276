import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTooSlow, NO_BACKLOG, noteBacklog } from "../../src/domain/slow-reader.ts";

const MIB = 1024 * 1024;
const NOW = 1_800_000_000_000;

/** Whether a connection is to be cut after looks at it: [ms since the first, bytes unsent]. */
function isCut(...looks: [number, number][]): boolean {
  let backlog = NO_BACKLOG;
  let last = NOW;
  for (const [ms, bytes] of looks) {
    last = NOW + ms;
    backlog = noteBacklog(backlog, bytes, last);
  }
  return isTooSlow(backlog, last);
}

describe("a reader", () => {
  it("may have a burst before it, however large", () => {
    expect(isCut([0, 100 * MIB])).toBe(false);
    expect(isCut([0, 100 * MIB], [999, 100 * MIB])).toBe(false);
  });

  it("is too slow when a burst does not leave", () => {
    expect(isCut([0, 9 * MIB], [1_000, 9 * MIB])).toBe(true);
    expect(isCut([0, 9 * MIB], [1_000, 7 * MIB])).toBe(false);
    expect(isCut([0, 9 * MIB], [500, 7 * MIB], [1_000, 9 * MIB])).toBe(false);
  });

  it("is too slow when it has not caught up for half a minute", () => {
    expect(isCut([0, 2 * MIB], [29_999, 2 * MIB])).toBe(false);
    expect(isCut([0, 2 * MIB], [30_000, 2 * MIB])).toBe(true);
    expect(isCut([0, 2 * MIB], [20_000, MIB], [30_000, 2 * MIB])).toBe(false);
  });

  it("that keeps up is never cut, and one that takes nothing always is", () => {
    const times = fc.uniqueArray(fc.integer({ min: 1, max: 120_000 })).map((ms) => ms.sort((a, b) => a - b));
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: MIB }), (ms, bytes) => {
        expect(isCut(...ms.map((at): [number, number] => [at, bytes]))).toBe(false);
      }),
    );
    fc.assert(
      fc.property(times, fc.integer({ min: MIB + 1, max: 100 * MIB }), (ms, bytes) => {
        expect(isCut([0, bytes], ...ms.map((at): [number, number] => [at, bytes]), [120_000, bytes])).toBe(
          true,
        );
      }),
    );
  });
});
