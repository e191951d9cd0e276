import { errorFields, log } from "../../observability/log.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";
import { limited, type Quota } from "./quota.ts";

interface Waiting {
  admit(): void;
  refuse(cause: Refusal): void;
}

/** Of what a user may send in a minute, a conversation socket is lent this part at a time. */
const PORTION = 0.1;

/**
 * A user's messages, over all transports. Conversation sockets are lent portions, so that no message waits for this
 * object; before anything is refused, what was lent and not sent is recalled. So the limit is exact (LIM-1).
 */
export class MessageQuota {
  readonly #quota: Quota;
  readonly #portion: number;
  readonly #recall: (conversation_id: string) => PromiseLike<number>;
  /** Conversations that may hold unsent messages. Forgotten at eviction: what they hold is then lost until it refills. */
  readonly #lentTo = new Set<string>();
  #waiting: Waiting[] = [];
  #isRecalling = false;

  constructor(
    quota: Quota,
    messages_per_minute: number,
    recall: (conversation_id: string) => PromiseLike<number>,
  ) {
    this.#quota = quota;
    this.#portion = Math.max(1, Math.floor(messages_per_minute * PORTION));
    this.#recall = recall;
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

  /** Lends to a conversation: at least `wanted` if there are so many, a portion if it may be more. */
  async lend(conversation_id: string, wanted: number): Promise<{ granted: number; retry_after_ms: number }> {
    let granted = this.#quota.takeMessages(Math.max(wanted, this.#portion), Date.now());
    if (granted < wanted) {
      await this.#recallAll(conversation_id);
      granted += this.#quota.takeMessages(wanted - granted, Date.now());
    }
    if (granted > 0) this.#lentTo.add(conversation_id);
    return { granted, retry_after_ms: granted < wanted ? this.#quota.messageRetryMs(Date.now()) : 0 };
  }

  async #serveWaiting(): Promise<void> {
    if (this.#isRecalling) return;
    this.#isRecalling = true;
    await this.#recallAll(null);
    this.#isRecalling = false;
    for (const message of this.#waiting.splice(0)) {
      const now = Date.now();
      if (this.#quota.takeMessages(1, now) === 1) message.admit();
      else message.refuse(limited(this.#quota.messageRetryMs(now)) ?? refusal("rate_limited"));
    }
  }

  /** Takes back what is lent, except to the conversation that is asking. */
  async #recallAll(asking: string | null): Promise<void> {
    const holders = [...this.#lentTo].filter((id) => id !== asking);
    await Promise.all(
      holders.map(async (conversation_id) => {
        this.#lentTo.delete(conversation_id);
        try {
          this.#quota.giveBackMessages(await withTimeLimit(this.#recall(conversation_id)), Date.now());
        } catch (error) {
          log("warn", "recalling an allowance failed", errorFields(error));
        }
      }),
    );
  }
}
