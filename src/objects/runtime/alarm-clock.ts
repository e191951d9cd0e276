/**
 * The one alarm an object has. Jobs are not stored: each can tell from the object's state when it is next due, and the
 * alarm is set to the earliest. Setting it is a billed row and an fsync, so it is only ever moved forward in time by
 * firing, and moved back only for something earlier.
 */
export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  /** When the alarm is set for, as far as this instance knows; forgotten at eviction, and then set anew at first need. */
  #armed_at: number | null = null;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Makes sure that the alarm fires at `due_at` (Unix ms) or before; null: nothing is due. */
  ensure(due_at: number | null): void {
    if (due_at === null || (this.#armed_at !== null && this.#armed_at <= due_at)) return;
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
