/** `capacity` tokens, which refill evenly over `per_ms` milliseconds. */
export interface BucketRule {
  readonly capacity: number;
  readonly per_ms: number;
}

/** What was left at `at`. A bucket nobody has seen is full. */
export interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

export interface Taking {
  readonly bucket: Bucket;
  readonly allowed: boolean;
  /** 0 if allowed; otherwise when the same cost will be affordable, if nobody takes anything meanwhile. */
  readonly retry_after_ms: number;
}

/** Takes `cost` tokens or, when there are too few, none (LIM-2: a refused request costs nothing). */
export function take(bucket: Bucket | undefined, rule: BucketRule, cost: number, now: number): Taking {
  const refilled = refill(bucket, rule, now);
  if (refilled.tokens >= cost) {
    return {
      bucket: { tokens: refilled.tokens - cost, at: refilled.at },
      allowed: true,
      retry_after_ms: 0,
    };
  }
  const missing = Math.min(cost, rule.capacity) - refilled.tokens;
  return {
    bucket: refilled,
    allowed: false,
    retry_after_ms: Math.max(1, Math.ceil((missing * rule.per_ms) / rule.capacity)),
  };
}

/** Gives `cost` tokens back, up to full. */
export function giveBack(bucket: Bucket | undefined, rule: BucketRule, cost: number, now: number): Bucket {
  const refilled = refill(bucket, rule, now);
  return { tokens: Math.min(rule.capacity, refilled.tokens + cost), at: refilled.at };
}

/** When the bucket will be full again, and so need not be remembered. */
export function fullAt(bucket: Bucket, rule: BucketRule): number {
  return bucket.at + Math.ceil(((rule.capacity - bucket.tokens) * rule.per_ms) / rule.capacity);
}

/** The bucket as of `now`. A clock that went back gives nothing and takes nothing. */
function refill(bucket: Bucket | undefined, rule: BucketRule, now: number): Bucket {
  if (!bucket) return { tokens: rule.capacity, at: now };
  const elapsed = Math.max(0, now - bucket.at);
  return {
    tokens: Math.min(rule.capacity, bucket.tokens + (elapsed * rule.capacity) / rule.per_ms),
    at: Math.max(now, bucket.at),
  };
}

/** How many whole tokens are there now. */
export function available(bucket: Bucket | undefined, rule: BucketRule, now: number): number {
  return Math.floor(refill(bucket, rule, now).tokens);
}
