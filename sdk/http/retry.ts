import type { UimError } from "../errors.ts";
import { backoffDelay } from "../transport/backoff.ts";

/** So often a request is made in all. */
const MAX_ATTEMPTS = 5;

/** Who is told to wait for longer than this is told so instead. */
const MAX_WAIT_MS = 60_000;

/**
 * After how long a request that failed is made again, or null: not at all. What was refused for now (429, 503) has had no
 * effect and can be repeated (LIM-2); what nobody answered only if it is `repeatable`.
 */
export function retryDelay(
  error: UimError,
  attempts: number,
  repeatable: boolean,
  random: number,
): number | null {
  if (attempts >= MAX_ATTEMPTS) return null;
  const isForNow = error.code === "rate_limited" || error.code === "unavailable";
  if (!isForNow && !(error.code === "network" && repeatable)) return null;
  const delay = backoffDelay(attempts, random, error.retry_after_ms ?? 0);
  return delay > MAX_WAIT_MS ? null : delay;
}
