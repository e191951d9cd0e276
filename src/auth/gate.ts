interface GateRules {
  readonly parallel: number;
  readonly waiting: number;
}

const POLL_MS = 4;
/** A ticket that was not renewed for so long belongs to a request that was cancelled. */
const LEASE_MS = 10_000;

/**
 * Lets `parallel` pieces of heavy work run at a time in this isolate and `waiting` more wait for their turn; one above
 * that is turned away at once. Everyone waits on a timer of their own: a promise that another request should resolve
 * would never settle if that request is cancelled.
 */
export class Gate {
  readonly #rules: GateRules;
  /** In order of arrival, each with when its holder was last seen. Empty in a new isolate, where nothing runs. */
  readonly #tickets = new Map<symbol, number>();

  constructor(rules: GateRules) {
    this.#rules = rules;
  }

  /** Null if there is no room to wait. */
  async pass<T>(work: () => Promise<T>): Promise<T | null> {
    this.#dropAbandoned();
    if (this.#tickets.size >= this.#rules.parallel + this.#rules.waiting) return null;
    const ticket = Symbol("ticket");
    try {
      // At least one pause, even at an open gate: the work blocks the isolate's only thread, and without it those who
      // arrived meanwhile would queue in the event loop, where nobody counts them.
      do {
        this.#tickets.set(ticket, Date.now());
        await scheduler.wait(POLL_MS);
        this.#dropAbandoned();
      } while (!this.#mayRun(ticket));
      return await work();
    } finally {
      this.#tickets.delete(ticket);
    }
  }

  #mayRun(ticket: symbol): boolean {
    let place = 0;
    for (const other of this.#tickets.keys()) {
      if (place++ >= this.#rules.parallel) return false;
      if (other === ticket) return true;
    }
    return false;
  }

  #dropAbandoned(): void {
    const oldest = Date.now() - LEASE_MS;
    for (const [ticket, seen_at] of this.#tickets) if (seen_at < oldest) this.#tickets.delete(ticket);
  }
}
