import { log } from "../../observability/log.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";

/** Asks a user's object for more messages; see `UserRpc.grantAllowance`. */
export type AskForMore = (
  user_id: string,
  wanted: number,
) => PromiseLike<{ granted: number; retry_after_ms: number }>;

interface Waiting {
  admit(): void;
  refuse(cause: Refusal): void;
}

/** What was granted and not sent is forgotten after so long, or it could be saved up while the user's bucket refills. */
const ALLOWANCE_MS = 60_000;

interface Allowance {
  left: number;
  granted_at: number;
  /** What was granted last; when less than half of it is left, more is asked for. */
  portion: number;
  waiting: Waiting[];
  asking: boolean;
}

/**
 * How many messages each user may still send over its conversation sockets without asking its object: leased in small
 * portions and renewed early, so that no message waits who goes on writing, and recalled when the user sends elsewhere
 * (LIM-1). Kept in memory: after an eviction the first message asks.
 */
export class Allowances {
  readonly #ask: AskForMore;
  readonly #users = new Map<string, Allowance>();

  constructor(ask: AskForMore) {
    this.#ask = ask;
  }

  /** A message was refused and costs nothing (LIM-2); what was lent lasts no longer for it. */
  refund(user_id: string): void {
    this.#of(user_id).left++;
  }

  /** Takes back what was not sent. */
  recall(user_id: string): number {
    const left = this.#users.get(user_id)?.left ?? 0;
    if (left > 0) this.#of(user_id).left = 0;
    return left;
  }

  /** Calls `admit` at once if the user may send, or after asking; in the order of the calls. */
  spend(user_id: string, waiting: Waiting): void {
    const allowance = this.#of(user_id);
    if (Date.now() - allowance.granted_at > ALLOWANCE_MS) allowance.left = 0;
    if (allowance.left > 0 && allowance.waiting.length === 0) {
      allowance.left--;
      waiting.admit();
    } else {
      allowance.waiting.push(waiting);
    }
    if (allowance.left * 2 < allowance.portion || allowance.waiting.length > 0) {
      void this.#renew(user_id, allowance);
    }
  }

  async #renew(user_id: string, allowance: Allowance): Promise<void> {
    if (allowance.asking) return;
    allowance.asking = true;
    try {
      do {
        // What else this turn brings is asked for together.
        await Promise.resolve();
        const wanted = allowance.waiting.length;
        const { granted, retry_after_ms } = await withTimeLimit(this.#ask(user_id, wanted));
        if (granted > 0) grant(allowance, granted);
        const isExhausted = granted < wanted;
        release(allowance, isExhausted ? { ...refusal("rate_limited"), retry_after_ms } : null);
      } while (allowance.waiting.length > 0);
    } catch (error) {
      log("warn", "asking for an allowance failed", { error: String(error) });
      release(allowance, refusal("unavailable"));
    } finally {
      allowance.asking = false;
    }
  }

  #of(user_id: string): Allowance {
    let allowance = this.#users.get(user_id);
    if (!allowance) {
      allowance = { left: 0, granted_at: 0, portion: 1, waiting: [], asking: false };
      this.#users.set(user_id, allowance);
    }
    return allowance;
  }
}

function grant(allowance: Allowance, messages: number): void {
  allowance.left += messages;
  allowance.granted_at = Date.now();
  allowance.portion = messages;
}

/** Admits what may go, in order; the rest waits on, or is refused for `cause`. */
function release(allowance: Allowance, cause: Refusal | null): void {
  while (allowance.left > 0) {
    const next = allowance.waiting.shift();
    if (!next) return;
    allowance.left--;
    next.admit();
  }
  if (cause) for (const message of allowance.waiting.splice(0)) message.refuse(cause);
}
