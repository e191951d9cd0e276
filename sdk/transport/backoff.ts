const CEILINGS_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/** So long a socket has to last before the one after it is tried at once again: a server that lets in and throws out is not hurried. */
export const STABLE_MS = 5_000;

/** Exponential backoff with full jitter (docs/protocol.md §5): anything up to 1, 2, 4, 8, 16, then 30 s. `random` as `Math.random`. */
export function backoffDelay(failures: number, random: number, retry_after_ms = 0): number {
  const index = Math.min(Math.max(failures, 1), CEILINGS_MS.length) - 1;
  return Math.max(random * (CEILINGS_MS[index] ?? 0), retry_after_ms);
}
