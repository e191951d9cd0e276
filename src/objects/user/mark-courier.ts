import { backoffDelay } from "../../domain/backoff.ts";
import { type Pace, type PaceRule, paced, pauseLeft } from "../../domain/pace.ts";
import type { Result } from "../../domain/result.ts";
import { errorFields, log } from "../../observability/log.ts";
import type { ConversationType } from "../../protocol/conversation.ts";
import { callWithRetry } from "../runtime/time-limit.ts";

/** In a group, delivered marks wait this long for a hand-over to ride on: 99 members must not call back for one message. */
const GROUP_PAUSE_MS = 2_000;

/** Where two talk, a mark goes at once when it comes alone; under load it rides on a hand-over. */
const PORTIONS: PaceRule = { interval_ms: 250, burst: 4 };

/** A mark that was not taken is brought so many times, for a minute and a half; then the next hand-over's answer carries it. */
const MAX_FAILURES = 8;

type Deliver = (conversation_id: string) => PromiseLike<Result<unknown>>;

/** Takes a user's delivered marks to the conversations, unless they ride along with the answer to a hand-over first. */
export class MarkCourier {
  readonly #deliver: Deliver;
  readonly #due = new Set<string>();
  readonly #underWay = new Set<string>();
  #pace: Pace = 0;
  /** For which types the next delivery is under way. */
  readonly #scheduled = new Set<ConversationType>();

  /** `deliver` tells a conversation where the mark stands at that moment: a repeated call must not bring an older one. */
  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  /** The mark in a conversation has moved. */
  delivered(conversation_id: string, type: ConversationType): void {
    this.#due.add(conversation_id);
    if (this.#scheduled.has(type)) return;
    this.#scheduled.add(type);
    const pause = type === "one_on_one" ? pauseLeft(this.#pace, PORTIONS, Date.now()) : GROUP_PAUSE_MS;
    const deliver = () => {
      this.#scheduled.delete(type);
      this.#deliverAll();
    };
    // What one message of a client acks goes together.
    if (pause === 0) queueMicrotask(deliver);
    else setTimeout(deliver, pause);
  }

  /** The mark goes along with the answer to a hand-over; if that is lost, the conversation asks for it again. */
  rode(conversation_id: string): void {
    this.#due.delete(conversation_id);
  }

  #deliverAll(): void {
    const due = [...this.#due].filter((conversation_id) => !this.#underWay.has(conversation_id));
    if (due.length > 0) this.#pace = paced(this.#pace, PORTIONS, Date.now());
    for (const conversation_id of due) void this.#deliverWhileDue(conversation_id);
  }

  /** One call at a time: they might overtake each other. */
  async #deliverWhileDue(conversation_id: string): Promise<void> {
    this.#underWay.add(conversation_id);
    let failures = 0;
    while (this.#due.delete(conversation_id)) {
      try {
        const taken = await callWithRetry(() => this.#deliver(conversation_id));
        // Any other refusal is the last word: there is no such conversation for this user any more.
        if (!taken.ok && taken.refusal.code === "unavailable") throw new Error(taken.refusal.message);
        failures = 0;
      } catch (error) {
        log("warn", "a delivered mark was not taken", { conversation_id, ...errorFields(error) });
        if (++failures === MAX_FAILURES) break;
        this.#due.add(conversation_id);
        await new Promise((resolve) => setTimeout(resolve, backoffDelay(failures)));
      }
    }
    this.#underWay.delete(conversation_id);
  }
}
