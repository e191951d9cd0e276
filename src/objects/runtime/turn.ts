/**
 * Runs `flush` once at the end of the turn in which it was first scheduled, so that everything that arrived together
 * shares one transaction and one frame per socket. The timer never stays pending without work: it would keep the
 * object from hibernating.
 */
export class TurnEnd {
  readonly #flush: () => void;
  #scheduled = false;

  constructor(flush: () => void) {
    this.#flush = flush;
  }

  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setTimeout(() => {
      this.#scheduled = false;
      this.#flush();
    }, 0);
  }
}

/**
 * Lets whatever has come in meanwhile go first: one timer lets it in, the other lets it be flushed, which is put off to
 * the end of its turn.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(() => setTimeout(resolve, 0), 0));
}
