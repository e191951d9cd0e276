/** Longer than a conversation holds a hand-over back for more to go with it. */
const RECENT_MS = 12_000;

/**
 * The conversations that were active lately: only they may know of entries that are not here yet. Kept in memory, since an
 * object that sleeps had nothing handed over for longer than that.
 */
export class RecentConversations {
  /** The oldest first. */
  readonly #active_at = new Map<string, number>();

  note(conversation_id: string, now: number): void {
    this.#active_at.delete(conversation_id);
    this.#active_at.set(conversation_id, now);
    this.#forget(now);
  }

  list(now: number): string[] {
    this.#forget(now);
    return [...this.#active_at.keys()];
  }

  #forget(now: number): void {
    for (const [conversation_id, active_at] of this.#active_at) {
      if (now - active_at <= RECENT_MS) return;
      this.#active_at.delete(conversation_id);
    }
  }
}
