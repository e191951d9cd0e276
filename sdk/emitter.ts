type Listener<T> = (value: T) => unknown;

/** Named events with one value each. A listener that fails, also later, keeps nobody else from hearing. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    const listeners = this.#listeners.get(name) as Set<Listener<Events[Name]>> | undefined;
    for (const listener of [...(listeners ?? [])]) this.#call(listener, value);
  }

  has(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  #call<T>(listener: Listener<T>, value: T): void {
    try {
      Promise.resolve(listener(value)).catch(this.#failed);
    } catch (error) {
      this.#failed(error);
    }
  }
}
