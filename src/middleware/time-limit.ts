import { createMiddleware } from "hono/factory";
import type { AppEnv } from "./app-env.ts";
import { refuse } from "./refusal-error.ts";

/** A dependency that neither answers nor fails must not hold requests for ever; every healthy one is done far earlier. */
const REQUEST_LIMIT_MS = 15_000;

/** The result of `work`, or `unavailable` when it takes longer. What was begun is not undone: it may still happen. */
export async function withinTime<T>(work: PromiseLike<T>, limit_ms: number): Promise<T> {
  const limit = new AbortController();
  const tooLate = scheduler.wait(limit_ms, { signal: limit.signal }).then(
    () => Promise.reject(refuse("unavailable", "It took too long; try again")),
    // Cancelled: the work was faster.
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    limit.abort();
  }
}

/** Gives every request a time by which it is answered, one way or another. */
export const limitTime = createMiddleware<AppEnv>((_, next) => withinTime(next(), REQUEST_LIMIT_MS));
