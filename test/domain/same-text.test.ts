import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admitText, type Recipients, SAME_TEXT_MS, sameTextKey } from "../../src/domain/same-text.ts";

const MAX = 3;

describe("texts", () => {
  it("are the same whatever stands between their letters, and in whatever case", () => {
    const key = sameTextKey("Buy cheap watches now!");
    for (const copy of [
      "buy  CHEAP watches… now",
      "B\u200buy cheap-watches now 🔥",
      "Ｂｕｙ cheap watches now",
    ])
      expect(sameTextKey(copy)).toBe(key);
    expect(sameTextKey("Buy cheap watches now 2")).not.toBe(key);
  });

  it("do not count where they are short, however much is put around them", () => {
    for (const text of ["", "ok", "thanks!", "o k !!!!!!!!!!", "🎉".repeat(20), "1234567"])
      expect(sameTextKey(text)).toBeNull();
    expect(sameTextKey("12345678")).toBe("12345678");
    expect(sameTextKey("你好今天怎么样呀")).not.toBeNull();
  });

  it("are compared by their beginnings, at little cost", () => {
    const long = "x".repeat(100_000);
    expect(sameTextKey(long)).toHaveLength(1_000);
    expect(sameTextKey(`${long}y`)).toBe(sameTextKey(long));
  });
});

/** Sends a text to conversations at times; which were let through. */
function sent(attempts: readonly (readonly [number, string])[]): [number, string][] {
  let recipients: Recipients | undefined;
  const through: [number, string][] = [];
  for (const [now, id] of attempts) {
    const admission = admitText(recipients, id, MAX, now);
    recipients = admission.recipients;
    if (admission.retry_after_ms === 0) through.push([now, id]);
  }
  return through;
}

const attempts = fc
  .array(fc.tuple(fc.nat(SAME_TEXT_MS / 2), fc.constantFrom(..."abcdef")), { maxLength: 50 })
  .map((steps) => {
    let now = 0;
    return steps.map(([pause, id]): [number, string] => {
      now += pause;
      return [now, id];
    });
  });

describe("the same text", () => {
  it("[LIM-1] goes to so many conversations and no more, and to those again", () => {
    const ids = ["a", "b", "c", "d", "a", "d"];
    expect(sent(ids.map((id) => [0, id])).map(([, id]) => id)).toEqual(["a", "b", "c", "a"]);
  });

  it("[LIM-2] may go again when the refusal says so, and not before", () => {
    let known: Recipients | undefined;
    for (const [at, id] of ["a", "b", "c"].entries()) known = admitText(known, id, MAX, at).recipients;
    const { retry_after_ms, recipients } = admitText(known, "d", MAX, 100);
    expect(retry_after_ms).toBe(SAME_TEXT_MS - 100);
    expect(admitText(recipients, "d", MAX, 100 + retry_after_ms - 1).retry_after_ms).toBe(1);
    expect(admitText(recipients, "d", MAX, 100 + retry_after_ms).retry_after_ms).toBe(0);
  });

  it("[LIM-1] never went to more conversations within the time", () => {
    fc.assert(
      fc.property(attempts, (given) => {
        const through = sent(given);
        for (const [now] of through) {
          const recent = through.filter(([at]) => at <= now && now - at < SAME_TEXT_MS);
          expect(new Set(recent.map(([, id]) => id)).size).toBeLessThanOrEqual(MAX);
        }
      }),
    );
  });
});
