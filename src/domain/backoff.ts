const DELAYS_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const;

/** Wait before attempt number `attempts + 1`, after `attempts` failures: 1, 2, 4, 8, 16, then 30 s each. */
export function backoffDelay(attempts: number): number {
  const index = Math.min(Math.max(attempts, 1), DELAYS_MS.length) - 1;
  return DELAYS_MS[index] ?? 30_000;
}

/** After this many failures (about an hour and a half) an outbox row is left for an operator to look at and replay. */
export const MAX_ATTEMPTS = 200;

export function isDead(attempts: number): boolean {
  return attempts >= MAX_ATTEMPTS;
}
