import { type Bucket, type BucketRule, take } from "../../domain/token-bucket.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import type { Limits } from "../../protocol/limits.ts";

/** How many requests each of those who make any may make (LIM-1). Kept in memory: full again after an eviction. */
export class RequestBuckets {
  readonly #rule: BucketRule;
  readonly #buckets = new Map<string, Bucket>();

  constructor({ requests_burst, requests_per_second }: Limits) {
    this.#rule = { capacity: requests_burst, per_ms: (requests_burst / requests_per_second) * 1000 };
  }

  /** Takes one of `key`'s; null if there was one. */
  take(key: string, now: number): Refusal | null {
    const { bucket, retry_after_ms } = take(this.#buckets.get(key), this.#rule, 1, now);
    this.#buckets.set(key, bucket);
    return limited(retry_after_ms);
  }
}

/** A refusal that says when to retry; null if there is nothing to wait for (LIM-2). */
export function limited(retry_after_ms: number): Refusal | null {
  return retry_after_ms > 0 ? { ...refusal("rate_limited"), retry_after_ms } : null;
}
