import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Pace, paced, pauseLeft } from "../../src/domain/pace.ts";

const RULE = { interval_ms: 250, burst: 4 };
const NOW = 1_700_000_000_000;

/** When things are done that are wanted at `wanted` (ascending), each as soon as the pace lets it. */
function doAll(wanted: readonly number[]): number[] {
  let pace: Pace = 0;
  let last = 0;
  return wanted.map((at) => {
    const ready = Math.max(at, last);
    const done = ready + pauseLeft(pace, RULE, ready);
    pace = paced(pace, RULE, done);
    last = done;
    return done;
  });
}

describe("a pace", () => {
  it("lets a few go at once, and the next ones an interval apart", () => {
    const done = doAll([NOW, NOW, NOW, NOW, NOW, NOW]);
    expect(done.map((at) => at - NOW)).toEqual([0, 0, 0, 0, 250, 500]);
  });

  it("holds nothing up that comes alone", () => {
    const rare = [NOW, NOW + 300, NOW + 10_000, NOW + 10_250];
    expect(doAll(rare)).toEqual(rare);
  });

  it("lets who waits go after an interval at most, however much did not wait before", () => {
    const gaps = fc.array(fc.nat({ max: 600 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(gaps, (gaps) => {
        let at = NOW;
        let pace: Pace = 0;
        for (const gap of gaps) {
          at += gap;
          pace = paced(pace, RULE, at);
        }
        expect(pauseLeft(pace, RULE, at)).toBeLessThanOrEqual(RULE.interval_ms);
      }),
    );
  });

  it("never lets more than the burst and one per interval go, whatever comes when", () => {
    const gaps = fc.array(fc.nat({ max: 600 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(gaps, (gaps) => {
        let at = NOW;
        const done = doAll(gaps.map((gap) => (at += gap)));
        for (const [first, from] of done.entries()) {
          for (const [last, to] of done.entries()) {
            const allowed = RULE.burst + (to - from) / RULE.interval_ms;
            if (last >= first) expect(last - first + 1).toBeLessThanOrEqual(allowed);
          }
        }
      }),
    );
  });
});
