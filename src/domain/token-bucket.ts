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

/**
 * What is left, in shares of a token: as many make one as it takes milliseconds to refill the bucket. So all sums are of
 * whole numbers, and who comes back when it was told to is not refused for a rounding error.
 */
interface Filling {
  readonly shares: number;
  readonly at: number;
}

/** Takes `cost` tokens or, when there are too few, none (LIM-2: a refused request costs nothing). */
export function take(bucket: Bucket | undefined, rule: BucketRule, cost: number, now: number): Taking {
  const { shares, at } = refill(bucket, rule, now);
  const price = cost * sharesPerToken(rule);
  if (shares >= price) {
    return { bucket: bucketOf({ shares: shares - price, at }, rule), allowed: true, retry_after_ms: 0 };
  }
  const missing = Math.min(price, fullShares(rule)) - shares;
  return {
    bucket: bucketOf({ shares, at }, rule),
    allowed: false,
    retry_after_ms: Math.max(1, at - now + Math.ceil(missing / rule.capacity)),
  };
}

/** Gives `cost` tokens back, up to full. */
export function giveBack(bucket: Bucket | undefined, rule: BucketRule, cost: number, now: number): Bucket {
  const { shares, at } = refill(bucket, rule, now);
  return bucketOf({ shares: Math.min(fullShares(rule), shares + cost * sharesPerToken(rule)), at }, rule);
}

/** When the bucket will be full again, and so need not be remembered. */
export function fullAt(bucket: Bucket, rule: BucketRule): number {
  return bucket.at + Math.ceil((fullShares(rule) - sharesOf(bucket, rule)) / rule.capacity);
}

/** How many whole tokens are there now. */
export function available(bucket: Bucket | undefined, rule: BucketRule, now: number): number {
  return Math.floor(refill(bucket, rule, now).shares / sharesPerToken(rule));
}

/** The bucket as of `now`. A clock that went back gives nothing and takes nothing. */
function refill(bucket: Bucket | undefined, rule: BucketRule, now: number): Filling {
  if (!bucket) return { shares: fullShares(rule), at: now };
  const refilled = Math.max(0, now - bucket.at) * rule.capacity;
  return {
    shares: Math.min(fullShares(rule), sharesOf(bucket, rule) + refilled),
    at: Math.max(now, bucket.at),
  };
}

function sharesPerToken(rule: BucketRule): number {
  return Math.max(1, Math.round(rule.per_ms));
}

function fullShares(rule: BucketRule): number {
  return rule.capacity * sharesPerToken(rule);
}

function sharesOf(bucket: Bucket, rule: BucketRule): number {
  return Math.round(bucket.tokens * sharesPerToken(rule));
}

function bucketOf({ shares, at }: Filling, rule: BucketRule): Bucket {
  return { tokens: shares / sharesPerToken(rule), at };
}
