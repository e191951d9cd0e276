import type { Scheduled, Scheduler } from "./scheduler.ts";

/** One direction of a connection: what is sent arrives in order, each after a delay of its own. */
export class Channel<T> {
  readonly #scheduler: Scheduler;
  readonly #delay: () => number;
  readonly #arrive: (item: T) => void;
  readonly #queue: { readonly item: T; readonly due_at: number }[] = [];
  #next: Scheduled | null = null;
  #isOpen: boolean;
  #isStopped = false;

  /** `isOpen`: whether anybody is listening already; if not, what is sent waits for `open`. */
  constructor(scheduler: Scheduler, isOpen: boolean, delay: () => number, arrive: (item: T) => void) {
    this.#scheduler = scheduler;
    this.#isOpen = isOpen;
    this.#delay = delay;
    this.#arrive = arrive;
  }

  send(item: T): void {
    if (this.#isStopped) return;
    this.#queue.push({ item, due_at: this.#scheduler.now + this.#delay() });
    this.#schedule();
  }

  open(): void {
    this.#isOpen = true;
    this.#schedule();
  }

  /** What is on its way is lost, and so is all that follows. */
  stop(): void {
    this.#isStopped = true;
    this.#queue.length = 0;
    this.#next?.cancel();
    this.#next = null;
  }

  #schedule(): void {
    const [first] = this.#queue;
    if (!first || this.#next || !this.#isOpen) return;
    this.#next = this.#scheduler.after(first.due_at - this.#scheduler.now, () => {
      this.#next = null;
      this.#queue.shift();
      this.#arrive(first.item);
      this.#schedule();
    });
  }
}
