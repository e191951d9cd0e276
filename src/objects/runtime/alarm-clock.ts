/**
 * The one alarm an object has. Jobs are not stored: each can tell from the object's state when it is next due, and the
 * alarm is set to the earliest. Setting it is a billed row and an fsync, so one that is set stands, unless something is
 * due before it.
 */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  /** When the alarm is set for; read from the storage before the object's first event. */
  #armed_at: number | null = null;

  constructor(ctx: DurableObjectState) {
    this.#storage = ctx.storage;
    void ctx.blockConcurrencyWhile(async () => {
      this.#armed_at = await ctx.storage.getAlarm();
    });
  }

  get isArmed(): boolean {
    return this.#armed_at !== null;
  }

  /**
   * Makes sure that the alarm fires at `due_at` (Unix ms) or before; null: nothing is due. `slack_ms`: one that is set for
   * up to so much later is soon enough.
   */
  ensure(due_at: number | null, slack_ms = 0): void {
    if (due_at === null || (this.#armed_at !== null && this.#armed_at <= due_at + slack_ms)) return;
    this.#armed_at = due_at;
    // Not awaited: the write joins the turn's transaction, and the output gate waits for it.
    void this.#storage.setAlarm(due_at);
  }

  /** To be called first when the alarm fires. */
  fired(): void {
    this.#armed_at = null;
  }
}

/** The earliest of several due times; null ones are not due. */
export function earliest(...times: (number | null)[]): number | null {
  return times.reduce((min, time) => (time === null ? min : min === null ? time : Math.min(min, time)), null);
}
