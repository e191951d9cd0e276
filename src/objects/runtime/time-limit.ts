/** A call to another object took longer than it may. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

/** Every call to another object has a limit: a pending one keeps the caller awake, and billed. */
export const CALL_LIMIT_MS = 10_000;

export async function withTimeLimit<T>(work: PromiseLike<T>, limit_ms: number = CALL_LIMIT_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeLimitError(`no answer within ${limit_ms} ms`)), limit_ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Attempts at a call that may be repeated, the first included. */
const ATTEMPTS = 3;
const PAUSE_MS = 50;

/**
 * Calls another object, again on failure; only for what is idempotent. `call` takes a new stub each time, since one that
 * threw is broken.
 */
export async function callWithRetry<T>(call: () => PromiseLike<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await withTimeLimit(call());
    } catch (error) {
      if (attempt === ATTEMPTS || isOverloaded(error) || error instanceof TimeLimitError) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
    }
  }
}

/** The platform's sign that more calls would make it worse. */
function isOverloaded(error: unknown): boolean {
  return typeof error === "object" && error !== null && "overloaded" in error && error.overloaded === true;
}
