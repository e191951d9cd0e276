import { errorFields, log } from "../../observability/log.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import { limited } from "../runtime/request-buckets.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";
import type { Quota } from "./quota.ts";

interface Waiting {
  admit(): void;
  refuse(cause: Refusal): void;
}

/** Of what a user may send in a minute, a conversation socket is lent this part at a time. */
const PORTION = 0.1;

/** While one recall is under way a conversation may be lent more: so often is tried before a message is refused. */
const RECALLS = 3;

/** What was lent so lately may still be on its way, and be overtaken by a recall: it is recalled again. */
const ON_ITS_WAY_MS = 5_000;

/**
 * A user's messages, over all transports. Conversation sockets are lent portions, so that no message waits for this
 * object; before anything is refused, what was lent and not sent is recalled. So the limit is exact (LIM-1).
 */
export class MessageQuota {
  readonly #quota: Quota;
  readonly #portion: number;
  readonly #recall: (conversation_id: string) => PromiseLike<number>;
  readonly #suspendedMs: (now: number) => number;
  /**
   * Conversations that may hold unsent messages, and since when. Forgotten at eviction: what they hold is then lost until
   * it refills.
   */
  readonly #lentTo = new Map<string, number>();
  #waiting: Waiting[] = [];
  #isServing = false;
  /** Recalls under way. */
  #recalling = 0;

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

  /** Calls `admit` at once if the user may send, or after recalling; in the order of the calls. */
  spend(waiting: Waiting): void {
    if (this.#waiting.length === 0 && this.#quota.takeMessages(1, Date.now()) === 1) {
      waiting.admit();
    } else {
      this.#waiting.push(waiting);
      void this.#serveWaiting();
    }
  }

  /** A message was refused by its conversation, and costs nothing (LIM-2). */
  giveBack(): void {
    this.#quota.giveBackMessages(1, Date.now());
  }

  /** The first portion for a conversation socket; none if its conversation holds one from before. */
  async lendFirst(conversation_id: string): Promise<number> {
    return this.#lentTo.has(conversation_id) ? 0 : (await this.lend(conversation_id, 0)).granted;
  }

  /** Lends to a conversation: at least `wanted` if there are so many, a portion if it may be more. */
  async lend(conversation_id: string, wanted: number): Promise<{ granted: number; retry_after_ms: number }> {
    const suspended_ms = this.#suspendedMs(Date.now());
    if (suspended_ms > 0) return { granted: 0, retry_after_ms: suspended_ms };
    // Nothing to spare while others wait for it.
    const most = this.#recalling > 0 ? wanted : Math.max(wanted, this.#portion);
    let granted = this.#quota.takeMessages(most, Date.now());
    for (let recalls = 0; granted < wanted && recalls < RECALLS; recalls++) {
      await this.#recallAll(conversation_id);
      granted += this.#quota.takeMessages(wanted - granted, Date.now());
    }
    if (granted > 0) this.#lentTo.set(conversation_id, Date.now());
    return { granted, retry_after_ms: granted < wanted ? this.#quota.messageRetryMs(Date.now()) : 0 };
  }

  /** Takes everything back that is lent: nothing is to be sent without being asked about. */
  recallAll(): Promise<void> {
    return this.#recallAll(null);
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
    this.#recalling++;
    const holders = [...this.#lentTo].filter(([id]) => id !== asking);
    await Promise.all(
      holders.map(([conversation_id, lent_at]) => this.#recallFrom(conversation_id, lent_at)),
    );
    this.#recalling--;
  }

  async #recallFrom(conversation_id: string, lent_at: number): Promise<void> {
    this.#lentTo.delete(conversation_id);
    try {
      this.#quota.giveBackMessages(await withTimeLimit(this.#recall(conversation_id)), Date.now());
    } catch (error) {
      log("warn", "recalling an allowance failed", errorFields(error));
    }
    const isOnItsWay = Date.now() - lent_at < ON_ITS_WAY_MS;
    if (isOnItsWay && !this.#lentTo.has(conversation_id)) this.#lentTo.set(conversation_id, lent_at);
  }
}
