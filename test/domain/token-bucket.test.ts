import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  available,
  type Bucket,
  type BucketRule,
  fullAt,
  giveBack,
  take,
} from "../../src/domain/token-bucket.ts";

const anyRule = fc.record({
  capacity: fc.integer({ min: 1, max: 1000 }),
  per_ms: fc.integer({ min: 1, max: 3_600_000 }),
});
/** Pauses and costs: bursts and waits, whatever has happened to the bucket. */
const anyHistory = fc.array(
  fc.tuple(fc.oneof(fc.constant(0), fc.nat(10_000)), fc.integer({ min: 0, max: 5 })),
  {
    minLength: 1,
    maxLength: 200,
  },
);
const START = 1_700_000_000_000;

/** Lives through a history; returns the bucket, the time, and what was taken when. */
function live(rule: BucketRule, history: readonly (readonly [number, number])[]) {
  let bucket: Bucket | undefined;
  let now = START;
  const takings = [{ now, cost: 0 }];
  for (const [pause, cost] of history) {
    now += pause;
    const taking = take(bucket, rule, cost, now);
    bucket = taking.bucket;
    if (taking.allowed) takings.push({ now, cost });
  }
  return { bucket, now, takings };
}

/** A bucket after a history, and then emptied: at `now` it has less than one token. */
function spent(rule: BucketRule, history: readonly (readonly [number, number])[]) {
  const { bucket, now } = live(rule, history);
  return { bucket: take(bucket, rule, available(bucket, rule, now), now).bucket, now };
}

describe("token bucket", () => {
  it("[LIM-1] never lets through more than the capacity plus what refills, over any window", () => {
    fc.assert(
      fc.property(anyRule, anyHistory, (rule, history) => {
        const { takings } = live(rule, history);
        for (const [index, first] of takings.entries()) {
          let taken = 0;
          for (const { now, cost } of takings.slice(index)) {
            taken += cost;
            const most = rule.capacity * rule.per_ms + (now - first.now) * rule.capacity;
            if (taken * rule.per_ms > most) expect.fail(`${taken} taken from ${first.now} to ${now}`);
          }
        }
      }),
    );
  });

  it("[LIM-2] tells the very millisecond from which the same cost is affordable", () => {
    fc.assert(
      fc.property(anyRule, anyHistory, fc.integer({ min: 1, max: 5 }), (rule, history, cost) => {
        fc.pre(cost <= rule.capacity);
        const { bucket, now } = spent(rule, history);
        const { allowed, retry_after_ms } = take(bucket, rule, cost, now);
        expect(allowed).toBe(false);
        expect(take(bucket, rule, cost, now + retry_after_ms - 1).allowed).toBe(false);
        expect(take(bucket, rule, cost, now + retry_after_ms).allowed).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("[LIM-2] a refusal changes nothing: who is refused many times waits no longer", () => {
    const moments = fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(anyRule, anyHistory, moments, (rule, history, moments) => {
        const { bucket, now } = spent(rule, history);
        const { retry_after_ms } = take(bucket, rule, 1, now);
        let refused = bucket;
        for (const moment of moments.toSorted()) {
          const taking = take(refused, rule, 1, now + Math.floor(moment * retry_after_ms));
          expect(taking.allowed).toBe(false);
          refused = taking.bucket;
        }
        expect(take(refused, rule, 1, now + retry_after_ms).allowed).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it("[LIM-2] a refusal costs not even a rounding error", () => {
    const rule = { capacity: 3, per_ms: 60_000 };
    let { bucket } = take(undefined, rule, 3, 0);
    for (let now = 7; now < 20_000; now += 7) bucket = take(bucket, rule, 1, now).bucket;
    expect(take(bucket, rule, 1, 20_000).allowed).toBe(true);
  });

  it("[LIM-2] a cost beyond the capacity is never affordable, and says when the bucket is full", () => {
    const rule = { capacity: 4, per_ms: 1_000 };
    const { bucket } = take(undefined, rule, 4, 0);
    expect(take(bucket, rule, 5, 0)).toMatchObject({ allowed: false, retry_after_ms: 1_000 });
    expect(take(bucket, rule, 5, 1_000_000).allowed).toBe(false);
  });

  it("takes a bucket that nobody has seen as full, and fills it no further", () => {
    fc.assert(
      fc.property(anyRule, fc.nat(1_000_000), (rule, later) => {
        const { bucket } = take(undefined, rule, 1, 0);
        const full = take(bucket, rule, rule.capacity, rule.per_ms + later);
        expect(full.allowed).toBe(true);
        expect(take(full.bucket, rule, 1, rule.per_ms + later).allowed).toBe(false);
      }),
    );
  });

  it("is full again exactly when it says so", () => {
    fc.assert(
      fc.property(anyRule, anyHistory, (rule, history) => {
        const { bucket } = spent(rule, history);
        const full_at = fullAt(bucket, rule);
        expect(take(bucket, rule, rule.capacity, full_at).allowed).toBe(true);
        expect(take(bucket, rule, rule.capacity, full_at - 1).allowed).toBe(false);
      }),
    );
  });

  it("has as many whole tokens as can be taken at once", () => {
    fc.assert(
      fc.property(anyRule, anyHistory, (rule, history) => {
        const { bucket, now } = live(rule, history);
        const tokens = available(bucket, rule, now);
        expect(take(bucket, rule, tokens, now).allowed).toBe(true);
        expect(take(bucket, rule, tokens + 1, now).allowed).toBe(false);
      }),
    );
  });

  it("given back is as if nothing had been taken, and never more than full", () => {
    fc.assert(
      fc.property(anyRule, anyHistory, fc.nat(5), (rule, history, cost) => {
        const { bucket, now } = live(rule, history);
        const { bucket: lighter, allowed } = take(bucket, rule, cost, now);
        const untouched = take(bucket, rule, 0, now).bucket;
        if (allowed) expect(giveBack(lighter, rule, cost, now)).toEqual(untouched);
        expect(giveBack(bucket, rule, rule.capacity, now).tokens).toBe(rule.capacity);
      }),
    );
  });

  it("[LIM-1] [LIM-2] a clock that steps back gives nothing, takes nothing, and is told the longer wait", () => {
    const rule = { capacity: 2, per_ms: 1000 };
    const { bucket } = take(undefined, rule, 2, 10_000);
    const refused = take(bucket, rule, 1, 5_000);
    expect(refused).toEqual({ bucket, allowed: false, retry_after_ms: 5_500 });
    expect(take(refused.bucket, rule, 1, 10_499).allowed).toBe(false);
    expect(take(refused.bucket, rule, 1, 10_500).allowed).toBe(true);
    expect(giveBack(bucket, rule, 1, 5_000)).toEqual({ tokens: 1, at: 10_000 });
  });
});
