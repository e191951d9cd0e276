/** A call to another object took longer than it may. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";

  constructor(limit_ms: number) {
    super(`no answer within ${limit_ms} ms`);
  }
}

/** Every call to another object has a limit: a pending one keeps the caller awake, and billed. */
export const CALL_LIMIT_MS = 10_000;

export async function withTimeLimit<T>(work: PromiseLike<T>, limit_ms: number = CALL_LIMIT_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeLimitError(limit_ms)), limit_ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A limit without a timer, for the calls of the message path: setting and clearing timers took an eighth of the server's
 * time with one message of a pair under way (workerd 2026-11-17). A call that has taken too long ends when somebody comes
 * by and enforces the limit.
 */
export class CallSlot {
  #began_at = 0;
  #end: ((error: TimeLimitError) => void) | null = null;

  /** The one call under way. */
  async run<T>(call: PromiseLike<T>): Promise<T> {
    this.#began_at = Date.now();
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#end = reject;
        call.then(resolve, reject);
      });
    } finally {
      this.#end = null;
    }
  }

  /** Ends the call under way if it has taken longer than it may. */
  enforce(now: number): void {
    if (this.#end && now - this.#began_at > CALL_LIMIT_MS) this.#end(new TimeLimitError(CALL_LIMIT_MS));
  }
}

/** Attempts at a call that may be repeated, the first included. */
const ATTEMPTS = 3;
const PAUSE_MS = 50;

/**
 * Calls another object, again on failure; only for what is idempotent. `call` takes a new stub each time, since one that
 * threw is broken. `limited` bounds each attempt.
 */
export async function callWithRetry<T>(
  call: () => PromiseLike<T>,
  limited: (work: PromiseLike<T>) => Promise<T> = withTimeLimit,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await limited(call());
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
