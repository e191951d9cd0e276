const DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const;

/** Wait before attempt number `attempts + 1`, after `attempts` failures: 1, 2, 4, 8, 16, then 30 s each. */
export function backoffDelay(attempts: number): number {
  const index = Math.min(Math.max(attempts, 1), DELAYS_MS.length) - 1;
  return DELAYS_MS[index] ?? 30_000;
}

const QUICK_ATTEMPTS = 3;
const MAX_WAIT_MS = 3_600_000;

/**
 * The same for what is tried without end: after a few failures in a row it waits for as long again as it has waited since it
 * was news (`age_ms`), up to an hour. So the waits double, also for an object that sleeps in between, and forgets the failures.
 */
export function agingBackoff(failures: number, age_ms: number): number {
  const delay = backoffDelay(failures);
  return failures < QUICK_ATTEMPTS ? delay : Math.max(delay, Math.min(age_ms, MAX_WAIT_MS));
}

/** After this many failures (about an hour and a half) an outbox row is left for an operator to look at and replay. */
export const MAX_ATTEMPTS = 200;

export function isDead(attempts: number): boolean {
  return attempts >= MAX_ATTEMPTS;
}
