import { type Bucket, type BucketRule, take } from "../../domain/token-bucket.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";

/** How much those may do who do any of it: so much at once, and so much a second (LIM-1). In memory: full after an eviction. */
export class RateBuckets {
  readonly #rule: BucketRule;
  readonly #buckets = new Map<string, Bucket>();

  constructor(burst: number, per_second: number) {
    this.#rule = { capacity: burst, per_ms: (burst / per_second) * 1000 };
  }

  /** Takes `cost` of `key`'s, or all of a full bucket if it is smaller; null if there were so many. */
  take(key: string, now: number, cost = 1): Refusal | null {
    const price = Math.min(cost, this.#rule.capacity);
    const { bucket, retry_after_ms } = take(this.#buckets.get(key), this.#rule, price, now);
    this.#buckets.set(key, bucket);
    return limited(retry_after_ms);
  }
}

/** A refusal that says when to retry; null if there is nothing to wait for (LIM-2). */
export function limited(retry_after_ms: number): Refusal | null {
  return retry_after_ms > 0 ? { ...refusal("rate_limited"), retry_after_ms } : null;
}
