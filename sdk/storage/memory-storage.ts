import type { ClientStorage, StorageWrite, StoredEntry } from "./storage.ts";

/** Keeps things as long as the program runs; as JSON, as any other storage would. */
export class MemoryStorage implements ClientStorage {
  readonly #texts = new Map<string, string>();

  list(prefix: string): Promise<StoredEntry[]> {
    const keys = [...this.#texts.keys()].filter((key) => key.startsWith(prefix)).sort();
    return Promise.resolve(keys.map((key) => ({ key, value: JSON.parse(this.#texts.get(key) ?? "null") })));
  }

  write(writes: readonly StorageWrite[]): Promise<void> {
    for (const { key, value } of writes) {
      if (value === undefined) this.#texts.delete(key);
      else this.#texts.set(key, JSON.stringify(value));
    }
    return Promise.resolve();
  }

  clear(): Promise<void> {
    this.#texts.clear();
    return Promise.resolve();
  }
}
