import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admitTyping, TYPING_EXPIRES_MS, type TypingState } from "../../src/domain/typing.ts";

/** What of a sequence of frames is passed on: those with their times. */
function passed(frames: readonly (readonly [number, boolean])[]): [number, boolean][] {
  let state: TypingState | undefined;
  const through: [number, boolean][] = [];
  for (const [now, is_typing] of frames) {
    const next = admitTyping(state, is_typing, now);
    if (!next) continue;
    state = next;
    through.push([now, is_typing]);
  }
  return through;
}

const frames = fc.array(fc.tuple(fc.nat(2_000), fc.boolean()), { maxLength: 60 }).map((steps) => {
  let now = 0;
  return steps.map(([pause, is_typing]): [number, boolean] => {
    now += pause;
    return [now, is_typing];
  });
});

describe("typing", () => {
  it("[TYPE-1] passes every three seconds, and its end right after it", () => {
    expect(
      passed([
        [0, true],
        [1, true],
        [2, false],
        [3, false],
        [4, true],
        [2_999, true],
        [3_000, true],
        [6_000, true],
      ]),
    ).toEqual([
      [0, true],
      [2, false],
      [3_000, true],
      [6_000, true],
    ]);
  });

  it("[TYPE-1] has no end to tell of where nobody types, or has not for so long", () => {
    expect(passed([[0, false]])).toEqual([]);
    const late: [number, boolean][] = [
      [0, true],
      [TYPING_EXPIRES_MS, false],
    ];
    expect(passed(late)).toEqual([[0, true]]);
  });

  it("[TYPE-1] passes at most two frames in three seconds, starts and ends in turn", () => {
    fc.assert(
      fc.property(frames, (given) => {
        const through = passed(given);
        const starts = through.filter(([, is_typing]) => is_typing);
        for (const [index, [at]] of starts.entries())
          expect(at - (starts[index - 1]?.[0] ?? -3_000)).toBeGreaterThanOrEqual(3_000);
        for (const [index, [, is_typing]] of through.entries())
          if (!is_typing) expect(through[index - 1]?.[1]).toBe(true);
      }),
    );
  });
});
