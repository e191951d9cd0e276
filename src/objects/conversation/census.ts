import { errorFields, log } from "../../observability/log.ts";
import type { OnlineCount } from "../../protocol/conversation.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";
import { Gate } from "./gate.ts";

/** How old a count may be: counting asks every member's object. */
const CACHE_MS = 30_000;

const CALLS_AT_ONCE = 32;

/** Whose object does not answer in time counts as absent. */
const ANSWER_MS = 3_000;

/** How many members are online: asked of their objects when somebody wants to know, and remembered for a while, in memory. */
export class Census {
  readonly #isOnline: (user_id: string) => PromiseLike<boolean>;
  #last: OnlineCount | null = null;
  /** One count serves all who ask meanwhile. */
  #counting: Promise<OnlineCount> | null = null;

  constructor(isOnline: (user_id: string) => PromiseLike<boolean>) {
    this.#isOnline = isOnline;
  }

  /** A count that is at most 30 s old. */
  count(user_ids: Iterable<string>, now: number): Promise<OnlineCount> {
    if (this.#last && now - this.#last.as_of < CACHE_MS) return Promise.resolve(this.#last);
    this.#counting ??= this.#count([...user_ids], now).finally(() => {
      this.#counting = null;
    });
    return this.#counting;
  }

  async #count(user_ids: readonly string[], as_of: number): Promise<OnlineCount> {
    const gate = new Gate(CALLS_AT_ONCE);
    const answers = await Promise.all(user_ids.map((user_id) => this.#ask(gate, user_id)));
    this.#last = { online_count: answers.filter(Boolean).length, as_of };
    return this.#last;
  }

  async #ask(gate: Gate, user_id: string): Promise<boolean> {
    await gate.enter();
    try {
      return await withTimeLimit(this.#isOnline(user_id), ANSWER_MS);
    } catch (error) {
      log("warn", "a member's presence is not known", errorFields(error));
      return false;
    } finally {
      gate.leave();
    }
  }
}
