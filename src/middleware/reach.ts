import { errorFields, log } from "../observability/log.ts";
import { refuse } from "./refusal-error.ts";

/** Attempts at a call, the first included. */
const ATTEMPTS = 3;
const PAUSE_MS = 50;

/**
 * Tells an object what D1 says, again on failure; only for what is idempotent. An object that cannot be reached makes the
 * request `unavailable`: D1 has taken it, and the client, who repeats it, brings it here again.
 */
export async function reach(call: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      // A stub that threw is broken: each attempt takes a new one.
      return await call();
    } catch (error) {
      if (attempt < ATTEMPTS) {
        await scheduler.wait(PAUSE_MS * attempt);
        continue;
      }
      log("warn", "an object was not reached", errorFields(error));
      throw refuse("unavailable");
    }
  }
}

/** Waits for all of them, also when one fails: what is under way when the answer leaves may be cut off. */
export async function reachAll(work: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(work)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}
