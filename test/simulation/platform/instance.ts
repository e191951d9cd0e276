import { AsyncLocalStorage } from "node:async_hooks";
import type { Host } from "./host.ts";
import type { Scheduled } from "./scheduler.ts";

/** The object whose code is running; nobody's where the Worker or a client does. */
export const running = new AsyncLocalStorage<Instance>();

/** A call from another object or the Worker that this one has not answered yet. */
export interface Answerable {
  fail(error: Error): void;
}

/** One life of an object: from a construction to the hibernation or the abort that ends it. All of it is memory. */
export class Instance {
  readonly host: Host;
  /** This machine's clock, against the true one (ms). */
  readonly skew_ms: number;
  readonly timers = new Set<Scheduled>();
  readonly answerable = new Set<Answerable>();
  /** Calls to other objects that are under way. */
  calling = 0;
  /** Handlers that have not come to their end. */
  handling = 0;
  isAlive = true;
  touched_at: number;
  /** The constructor's work, for which events wait. */
  readonly #blocks: Promise<unknown>[] = [];
  /** What may leave only when the writes before it are durable. */
  readonly #held: (() => void)[] = [];
  #object: object | null = null;

  constructor(host: Host, skew_ms: number, now: number) {
    this.host = host;
    this.skew_ms = skew_ms;
    this.touched_at = now;
  }

  get object(): object {
    if (!this.#object) throw new Error(`${this.host.label} is not constructed yet`);
    return this.#object;
  }

  async construct(create: () => object): Promise<void> {
    this.#object = running.run(this, create);
    await Promise.all(this.#blocks);
  }

  block(work: Promise<unknown>): void {
    this.#blocks.push(work);
  }

  /** The output gate: `leave` happens now, or once everything that is written so far is durable. */
  emit(leave: () => void): void {
    if (!this.isAlive) return;
    if (this.host.holdsBack) this.#held.push(leave);
    else leave();
  }

  openGate(): void {
    for (const leave of this.#held.splice(0)) leave();
  }

  /** Nothing keeps it in memory: it may hibernate. */
  get isIdle(): boolean {
    const { timers, answerable, calling, handling } = this;
    return (
      timers.size === 0 &&
      answerable.size === 0 &&
      calling === 0 &&
      handling === 0 &&
      !this.host.storage.isDirty
    );
  }

  end(error: Error): void {
    this.isAlive = false;
    this.#held.length = 0;
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
    for (const call of [...this.answerable]) call.fail(error);
    this.answerable.clear();
  }
}
