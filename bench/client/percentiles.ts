/** How long something took, in milliseconds. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Sorts `values` in place. Of nothing, everything is 0. */
export function spreadOf(values: Float64Array): Spread {
  values.sort();
  return {
    count: values.length,
    p50: percentile(values, 50),
    p95: percentile(values, 95),
    p99: percentile(values, 99),
    max: values.at(-1) ?? 0,
  };
}

/** The smallest value that at least `percent` of all do not exceed (nearest rank). */
export function percentile(sorted: Float64Array, percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? 0;
}

/** The middle of a few results; of an even number the lower one, so that it is one that occurred. */
export function medianBy<T>(results: readonly T[], by: (result: T) => number): T {
  const sorted = [...results].sort((left, right) => by(left) - by(right));
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  if (median === undefined) throw new Error("there is no median of nothing");
  return median;
}
