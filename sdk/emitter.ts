type Listener<T> = (value: T) => unknown;

/**
 * Named events with one value each. A listener that fails, also later, keeps nobody else from hearing; `failed` is told, and
 * of which event.
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();
  readonly #failed: (error: unknown, name: keyof Events) => void;

  constructor(failed: (error: unknown, name: keyof Events) => void) {
    this.#failed = failed;
  }

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    const listeners = this.#listeners.get(name) as Set<Listener<Events[Name]>> | undefined;
    for (const listener of [...(listeners ?? [])]) this.#call(name, listener, value);
  }

  has(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  #call<T>(name: keyof Events, listener: Listener<T>, value: T): void {
    try {
      Promise.resolve(listener(value)).catch((error) => this.#failed(error, name));
    } catch (error) {
      this.#failed(error, name);
    }
  }
}
