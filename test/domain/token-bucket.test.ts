import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bucket, fullAt, giveBack, take } from "../../src/domain/token-bucket.ts";

const rule = fc.record({
  capacity: fc.integer({ min: 1, max: 1000 }),
  per_ms: fc.integer({ min: 1, max: 3_600_000 }),
});
const steps = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 200 });

describe("token bucket", () => {
  it("[LIM-1] never lets through more than the capacity plus what refilled meanwhile", () => {
    fc.assert(
      fc.property(rule, steps, (rule, pauses) => {
        let bucket: Bucket | undefined;
        let now = 0;
        let allowed = 0;
        for (const pause of pauses) {
          now += pause;
          const taking = take(bucket, rule, 1, now);
          bucket = taking.bucket;
          if (taking.allowed) allowed++;
        }
        const refilled = (now * rule.capacity) / rule.per_ms;
        expect(allowed).toBeLessThanOrEqual(rule.capacity + refilled + 1e-6);
      }),
    );
  });

  it("[LIM-2] refusing costs nothing: who waits as told gets through, and not a step before it is due", () => {
    fc.assert(
      fc.property(rule, fc.integer({ min: 1, max: 50 }), (rule, refusals) => {
        let bucket: Bucket | undefined;
        for (let i = 0; i < rule.capacity; i++) bucket = take(bucket, rule, 1, 0).bucket;
        const first = take(bucket, rule, 1, 0);
        expect(first.allowed).toBe(false);
        for (let i = 0; i < refusals; i++) bucket = take(bucket, rule, 1, 0).bucket;
        expect(take(bucket, rule, 1, first.retry_after_ms).allowed).toBe(true);
        expect(take(bucket, rule, 1, first.retry_after_ms - 1).allowed).toBe(false);
      }),
    );
  });

  it("takes a bucket that nobody has seen as full, and fills it no further", () => {
    fc.assert(
      fc.property(rule, fc.integer({ min: 0, max: 1_000_000 }), (rule, later) => {
        const { bucket } = take(undefined, rule, 1, 0);
        const full = take(bucket, rule, rule.capacity, rule.per_ms + later);
        expect(full.allowed).toBe(true);
        expect(take(full.bucket, rule, 1, rule.per_ms + later).allowed).toBe(false);
      }),
    );
  });

  it("is full again when it says so, and given back is as if nothing had been taken", () => {
    fc.assert(
      fc.property(rule, steps, (rule, costs) => {
        let bucket: Bucket = take(undefined, rule, 0, 0).bucket;
        for (const cost of costs) bucket = take(bucket, rule, cost % (rule.capacity + 1), 0).bucket;
        const full_at = fullAt(bucket, rule);
        expect(take(bucket, rule, rule.capacity, full_at).allowed).toBe(true);
        const { bucket: spent, allowed } = take(bucket, rule, 1, 0);
        if (allowed) expect(giveBack(spent, rule, 1, 0).tokens).toBeCloseTo(bucket.tokens, 6);
      }),
    );
  });

  it("gives nothing when the clock steps back", () => {
    const rule = { capacity: 2, per_ms: 1000 };
    const { bucket } = take(undefined, rule, 2, 10_000);
    expect(take(bucket, rule, 1, 5_000)).toMatchObject({ allowed: false });
    expect(take(take(bucket, rule, 1, 5_000).bucket, rule, 1, 10_499).allowed).toBe(false);
    expect(take(bucket, rule, 1, 10_500).allowed).toBe(true);
  });
});
