import { CALL_LIMIT_MS } from "../runtime/time-limit.ts";

/** So many conversations' calls are remembered. */
const REMEMBERED = 2_000;

/** When the last call of each conversation was made. One that its caller has given up may still arrive, behind later ones. */
export class CallOrder {
  readonly #last = new Map<string, number>();

  /** Notes a call; times in Unix ms. False if its caller has given it up, or a later one was here before. */
  isNext(conversation_id: string, made_at: number, now: number): boolean {
    const last = this.#last.get(conversation_id) ?? 0;
    if (made_at < last || made_at < now - CALL_LIMIT_MS) return false;
    if (this.#last.size >= REMEMBERED && last === 0) this.#last.clear();
    this.#last.set(conversation_id, made_at);
    return true;
  }
}
