import { admitTyping, hasTypingExpired, type TypingState } from "../../domain/typing.ts";

/** Past so many, those who have stopped are forgotten. */
const MAX_REMEMBERED = 100;

/** Who was heard to type, and where (TYPE-1). Kept in memory alone: after an eviction the first word of it passes. */
export class TypingPace {
  readonly #states = new Map<string, TypingState>();

  /** May it be passed on? What is too much is dropped without an answer, which would cost more than the frame. */
  admits(key: string, is_typing: boolean, now: number): boolean {
    const state = admitTyping(this.#states.get(key), is_typing, now);
    if (!state) return false;
    if (this.#states.size >= MAX_REMEMBERED) this.#forget(now);
    this.#states.set(key, state);
    return true;
  }

  #forget(now: number): void {
    for (const [key, state] of this.#states) if (hasTypingExpired(state, now)) this.#states.delete(key);
  }
}
