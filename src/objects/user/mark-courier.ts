import { errorFields, log } from "../../observability/log.ts";
import type { ConversationType } from "../../protocol/conversation.ts";
import { callWithRetry } from "../runtime/time-limit.ts";

/** In a group, delivered marks wait this long for a hand-over to ride on: 99 members must not call back for one message. */
const GROUP_PAUSE_MS = 2_000;

/** Takes a user's delivered marks to the conversations: at once where two talk, in a group unless they ride along first. */
export class MarkCourier {
  readonly #deliver: (conversation_id: string, seq: number) => PromiseLike<unknown>;
  readonly #due = new Map<string, number>();
  readonly #timers = new Map<ConversationType, ReturnType<typeof setTimeout>>();

  constructor(deliver: (conversation_id: string, seq: number) => PromiseLike<unknown>) {
    this.#deliver = deliver;
  }

  delivered(conversation_id: string, type: ConversationType, seq: number): void {
    this.#due.set(conversation_id, Math.max(seq, this.#due.get(conversation_id) ?? 0));
    if (this.#timers.has(type)) return;
    const pause = type === "one_on_one" ? 0 : GROUP_PAUSE_MS;
    this.#timers.set(
      type,
      setTimeout(() => {
        this.#timers.delete(type);
        this.#deliverAll();
      }, pause),
    );
  }

  /** The mark has just gone along with the answer to a hand-over. */
  rode(conversation_id: string): void {
    this.#due.delete(conversation_id);
  }

  #deliverAll(): void {
    const due = [...this.#due];
    this.#due.clear();
    for (const [conversation_id, seq] of due) void this.#deliverOne(conversation_id, seq);
  }

  async #deliverOne(conversation_id: string, seq: number): Promise<void> {
    try {
      await callWithRetry(() => this.#deliver(conversation_id, seq));
    } catch (error) {
      // The next hand-over's answer carries the mark again.
      log("warn", "a delivered mark was not taken", { conversation_id, ...errorFields(error) });
    }
  }
}
