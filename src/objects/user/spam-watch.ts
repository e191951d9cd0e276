import { type Result, refused } from "../../domain/result.ts";
import { admitText, type Recipients, sameTextKey } from "../../domain/same-text.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";

/** So many texts are remembered, the newest; more than a user may send in the time. */
const MAX_TEXTS = 2_000;

/** Whether a text may go, and how to take back that it went. */
export interface Admission {
  readonly cause: Refusal | null;
  takeBack(): void;
}

const NOTHING_SAID: Admission = { cause: null, takeBack: () => undefined };

/**
 * What a user sends to many conversations. Kept in memory: an object that sleeps after 10 s without work forgets, which who sends
 * in bulk does not let it.
 */
export class SpamWatch {
  readonly #max: number;
  /** By what makes texts the same; who was sent to last comes last. */
  readonly #texts = new Map<string, Recipients>();
  /** Where the user has written lately, over whichever transport. */
  #wroteTo: Recipients = new Map();
  #suspected_until = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Says something, unless it looks like spam; what is refused has not been said. */
  async guard<T>(
    content: string,
    conversation_id: string,
    say: () => Promise<Result<T>>,
  ): Promise<Result<T>> {
    const { cause, takeBack } = this.admit(content, conversation_id, Date.now());
    if (cause) return refused(cause);
    const result = await say();
    if (!result.ok) takeBack();
    return result;
  }

  /** Asked before a text is sent; it counts from then on, so that many at once do not slip through. */
  admit(content: string, conversation_id: string, now: number): Admission {
    const key = sameTextKey(content);
    if (key === null) return NOTHING_SAID;
    const before = this.#texts.get(key);
    const { recipients, retry_after_ms } = admitText(before, conversation_id, this.#max, now);
    this.#remember(key, recipients);
    if (retry_after_ms > 0)
      return { ...NOTHING_SAID, cause: { ...refusal("spam_suspected"), retry_after_ms } };
    const takeBack = () => {
      const left = new Map(this.#texts.get(key));
      left.delete(conversation_id);
      this.#remember(key, left);
    };
    return before?.has(conversation_id) ? NOTHING_SAID : { cause: null, takeBack };
  }

  /**
   * What the user has sent has come back to it from the conversation: so texts over conversation sockets are seen, which do not
   * pass here. They are looked at only where the user writes to many. True if that has made it suspect just now.
   */
  saw(conversation_id: string, contents: () => readonly string[], now: number): boolean {
    const { recipients, retry_after_ms } = admitText(this.#wroteTo, conversation_id, this.#max, now);
    this.#wroteTo = recipients;
    if (retry_after_ms === 0) return false;
    const wasSuspected = this.retryMs(now) > 0;
    for (const content of contents()) {
      const { cause } = this.admit(content, conversation_id, now);
      this.#suspected_until = Math.max(this.#suspected_until, now + (cause?.retry_after_ms ?? 0));
    }
    return !wasSuspected && this.retryMs(now) > 0;
  }

  /** How long conversation sockets are lent nothing (ms). */
  retryMs(now: number): number {
    return Math.max(0, this.#suspected_until - now);
  }

  #remember(key: string, recipients: Recipients): void {
    this.#texts.delete(key);
    if (recipients.size > 0) this.#texts.set(key, recipients);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > MAX_TEXTS && oldest !== undefined) this.#texts.delete(oldest);
  }
}
