import { type Result, refused } from "../../domain/result.ts";
import { errorFields, log } from "../../observability/log.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import { limited } from "../runtime/rate-buckets.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";
import type { Quota } from "./quota.ts";

interface Waiting {
  admit(): void;
  refuse(cause: Refusal): void;
}

/** Of what a user may send in a minute, a conversation is lent this part at a time at most. */
const PORTION = 0.1;

/** While one recall is under way a conversation may be lent more: so often is tried before a message is refused. */
const RECALLS = 3;

/** What was lent so lately may still be on its way, and be overtaken by a recall: it is recalled again. */
const ON_ITS_WAY_MS = 5_000;

/** A conversation in which nothing happens for so long sleeps, and forgets what it was lent. */
const SLEEP_MS = 10_000;

/** What a conversation was lent last. */
interface Loan {
  readonly granted: number;
  readonly at: number;
}

const NO_LOAN: Loan = { granted: 1, at: 0 };

/**
 * A user's messages, over all transports. Conversation sockets are lent portions, so that who goes on writing does not
 * wait for this object; before anything is refused, what was lent and not sent is recalled. So the limit is exact (LIM-1).
 */
export class MessageQuota {
  readonly #quota: Quota;
  readonly #portion: number;
  readonly #recall: (conversation_id: string) => PromiseLike<number>;
  readonly #suspendedMs: (now: number) => number;
  /** To conversations that may hold unsent messages. Forgotten at eviction: what they hold is then lost until it refills. */
  readonly #loans = new Map<string, Loan>();
  #waiting: Waiting[] = [];
  #isServing = false;
  /** Under way: whoever needs messages waits for those that others have begun, too. */
  readonly #recalls = new Set<Promise<void>>();

  constructor(
    quota: Quota,
    messages_per_minute: number,
    recall: (conversation_id: string) => PromiseLike<number>,
    suspendedMs: (now: number) => number = () => 0,
  ) {
    this.#quota = quota;
    this.#portion = Math.max(1, Math.floor(messages_per_minute * PORTION));
    this.#recall = recall;
    this.#suspendedMs = suspendedMs;
  }

  /** Has something written that counts as a message (LIM-1). What is refused or comes to nothing costs nothing (LIM-2). */
  spendOn<T>(
    write: () => Promise<Result<T>>,
    cameToNothing: (value: T) => boolean = () => false,
  ): Promise<Result<T>> {
    return new Promise((answer) =>
      this.spend({
        admit: () => {
          void write().then((result) => {
            if (!result.ok || cameToNothing(result.value)) this.#quota.giveBackMessages(1, Date.now());
            answer(result);
          });
        },
        refuse: (limited) => answer(refused(limited)),
      }),
    );
  }

  /** Calls `admit` at once if the user may send, or after recalling; in the order of the calls. */
  spend(waiting: Waiting): void {
    if (this.#waiting.length === 0 && this.#quota.takeMessages(1, Date.now()) === 1) {
      waiting.admit();
    } else {
      this.#waiting.push(waiting);
      void this.#serveWaiting();
    }
  }

  /** Lends to a conversation: at least `wanted` if there are so many, and more to one that goes on writing. */
  async lend(conversation_id: string, wanted: number): Promise<{ granted: number; retry_after_ms: number }> {
    const suspended_ms = this.#suspendedMs(Date.now());
    if (suspended_ms > 0) return { granted: 0, retry_after_ms: suspended_ms };
    let granted = this.#quota.takeMessages(this.#worthLending(conversation_id, wanted), Date.now());
    for (let recalls = 0; granted < wanted && recalls < RECALLS; recalls++) {
      await this.#recallAll(conversation_id);
      granted += this.#quota.takeMessages(wanted - granted, Date.now());
    }
    if (granted > 0) this.#loans.set(conversation_id, { granted, at: Date.now() });
    return { granted, retry_after_ms: granted < wanted ? this.#quota.messageRetryMs(Date.now()) : 0 };
  }

  /** Takes everything back that is lent: nothing is to be sent without being asked about. */
  recallAll(): Promise<void> {
    return this.#recallAll(null);
  }

  /** Twice as much as the last time, up to a portion: what a conversation forgets in its sleep is little beside what it sent. */
  #worthLending(conversation_id: string, wanted: number): number {
    // Nothing to spare while others wait for it.
    if (this.#recalls.size > 0) return wanted;
    const { granted, at } = this.#loans.get(conversation_id) ?? NO_LOAN;
    // Who asks without need has some left, and so has not slept.
    const goesOn = wanted === 0 || Date.now() - at < SLEEP_MS;
    return goesOn ? Math.max(wanted, Math.min(this.#portion, 2 * granted)) : wanted;
  }

  async #serveWaiting(): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    for (let recalls = 0; this.#waiting.length > 0 && recalls < RECALLS; recalls++) {
      await this.#recallAll(null);
      const granted = this.#quota.takeMessages(this.#waiting.length, Date.now());
      for (const message of this.#waiting.splice(0, granted)) message.admit();
    }
    this.#isServing = false;
    const now = Date.now();
    for (const message of this.#waiting.splice(0)) {
      message.refuse(limited(this.#quota.messageRetryMs(now)) ?? refusal("rate_limited"));
    }
  }

  /** Takes back what is lent, except to the conversation that is asking. */
  async #recallAll(asking: string | null): Promise<void> {
    for (const [conversation_id, loan] of [...this.#loans]) {
      if (conversation_id === asking) continue;
      const recall = this.#recallFrom(conversation_id, loan).finally(() => this.#recalls.delete(recall));
      this.#recalls.add(recall);
    }
    await Promise.all(this.#recalls);
  }

  async #recallFrom(conversation_id: string, loan: Loan): Promise<void> {
    this.#loans.delete(conversation_id);
    try {
      this.#quota.giveBackMessages(await withTimeLimit(this.#recall(conversation_id)), Date.now());
    } catch (error) {
      log("warn", "recalling an allowance failed", errorFields(error));
    }
    const isOnItsWay = Date.now() - loan.at < ON_ITS_WAY_MS;
    if (isOnItsWay && !this.#loans.has(conversation_id)) this.#loans.set(conversation_id, loan);
  }
}
