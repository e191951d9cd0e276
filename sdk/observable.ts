import type { Cancel } from "./environment.ts";

/** A value that changes, as React's `useSyncExternalStore` wants it: a snapshot is the same object until something has changed. */
export interface Observable<T> {
  getSnapshot(): T;
  subscribe(listener: () => void): Cancel;
}

/** An observable whose snapshot is made when somebody asks for it, once after each change. */
export class Derived<T> implements Observable<T> {
  readonly #derive: (before: T | undefined) => T;
  readonly #listeners = new Set<() => void>();
  #snapshot: T | undefined;
  #isStale = true;

  constructor(derive: (before: T | undefined) => T) {
    this.#derive = derive;
    this.getSnapshot = this.getSnapshot.bind(this);
    this.subscribe = this.subscribe.bind(this);
  }

  getSnapshot(): T {
    if (this.#isStale || this.#snapshot === undefined) {
      this.#snapshot = this.#derive(this.#snapshot);
      this.#isStale = false;
    }
    return this.#snapshot;
  }

  subscribe(listener: () => void): Cancel {
    // The same function may be subscribed twice, and each is ended by itself.
    const own = () => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Something it was made of has changed. */
  changed(): void {
    this.#isStale = true;
    for (const listener of [...this.#listeners]) listener();
  }
}
