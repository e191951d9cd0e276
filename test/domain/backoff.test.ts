import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agingBackoff, backoffDelay, isDead, MAX_ATTEMPTS } from "../../src/domain/backoff.ts";

describe("backoff", () => {
  it("waits 1, 2, 4, 8, 16, and then 30 seconds each time", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 1_000].map(backoffDelay)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000,
    ]);
  });

  it("always waits at least a second and at most thirty, and never less after one more failure", () => {
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 10_000 }), (attempts) => {
        expect(backoffDelay(attempts)).toBeGreaterThanOrEqual(1_000);
        expect(backoffDelay(attempts)).toBeLessThanOrEqual(30_000);
        expect(backoffDelay(attempts + 1)).toBeGreaterThanOrEqual(backoffDelay(attempts));
      }),
    );
  });

  it("waits, for what is tried without end, a second time as long as it has waited, up to an hour", () => {
    const waits = [1, 2, 3, 4].map((failures) => agingBackoff(failures, 600_000));
    expect(waits).toEqual([1_000, 2_000, 600_000, 600_000]);
    expect(agingBackoff(3, 1e12)).toBe(3_600_000);
    expect(agingBackoff(9, -5)).toBe(backoffDelay(9));
  });

  it("gives up after its last attempt, between one and two hours later", () => {
    expect(isDead(MAX_ATTEMPTS - 1)).toBe(false);
    expect(isDead(MAX_ATTEMPTS)).toBe(true);
    let waited = 0;
    for (let attempts = 1; !isDead(attempts); attempts++) waited += backoffDelay(attempts);
    expect(waited).toBeGreaterThan(3_600_000);
    expect(waited).toBeLessThan(2 * 3_600_000);
  });
});
