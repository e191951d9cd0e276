/**
 * The one alarm of an object as its storage knows it. Setting it is a write like any other: it holds once it is durable.
 * While the handler runs the alarm counts as gone, but it comes back unless the handler ends well.
 */
export class Alarm {
  /** What the object would be told. */
  #current: number | null = null;
  #durable: number | null = null;
  /** The time for which the handler is running. */
  #firing: number | null = null;

  get current(): number | null {
    return this.#current;
  }

  /** When the platform is going to call; null while it does. */
  get due_at(): number | null {
    return this.#firing === null ? this.#durable : null;
  }

  set(time: number | null): void {
    this.#current = time;
  }

  fires(): void {
    this.#firing = this.#durable;
    this.#current = null;
  }

  /** The handler ended well. `again`: the platform did not get to note it, and will call once more. */
  handled(again: boolean): void {
    if (again && this.#current === null) this.#current = this.#firing;
    this.#firing = null;
    this.#durable = this.#current;
  }

  /** The handler threw: it is tried again at `retry_at`, unless it has set another time. */
  failed(retry_at: number | null): void {
    this.#firing = null;
    this.#current ??= retry_at;
    this.#durable = this.#current;
  }

  commit(): void {
    if (this.#firing === null) this.#durable = this.#current;
    else if (this.#current !== null) this.#durable = this.#current;
  }

  /** The object was aborted. */
  rollback(): void {
    this.#firing = null;
    this.#current = this.#durable;
  }
}
