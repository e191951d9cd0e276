import type { ClientStorage, StorageWrite, StoredEntry } from "./storage.ts";

const STORE = "entries";

export interface IndexedDbOptions {
  /** Of the database; one for each device that shares an origin. */
  readonly name?: string;
  /** By default the platform's own. */
  readonly indexedDB?: IDBFactory;
  readonly IDBKeyRange?: Pick<typeof IDBKeyRange, "bound">;
}

/** Keeps things in the browser's database. */
export class IndexedDbStorage implements ClientStorage {
  readonly #name: string;
  readonly #factory: IDBFactory;
  readonly #ranges: Pick<typeof IDBKeyRange, "bound">;
  #opening: Promise<IDBDatabase> | null = null;

  constructor(options: IndexedDbOptions = {}) {
    this.#name = options.name ?? "uim";
    this.#factory = options.indexedDB ?? indexedDB;
    this.#ranges = options.IDBKeyRange ?? IDBKeyRange;
  }

  async list(prefix: string): Promise<StoredEntry[]> {
    const store = await this.#store("readonly");
    // No key has a character above this one.
    const range = this.#ranges.bound(prefix, `${prefix}\uffff`);
    const [keys, values] = await Promise.all([
      answerOf(store.getAllKeys(range)),
      answerOf<unknown[]>(store.getAll(range)),
    ]);
    return keys.map((key, index) => ({ key: String(key), value: values[index] }));
  }

  async write(writes: readonly StorageWrite[]): Promise<void> {
    const store = await this.#store("readwrite");
    const ended = endOf(store.transaction);
    try {
      for (const { key, value } of writes) {
        if (value === undefined) store.delete(key);
        else store.put(value, key);
      }
    } catch (error) {
      // What was written before it would stay otherwise.
      store.transaction.abort();
      await ended.catch(() => undefined);
      throw error;
    }
    await ended;
  }

  async clear(): Promise<void> {
    const store = await this.#store("readwrite");
    store.clear();
    await endOf(store.transaction);
  }

  /** Lets go of the database, as before it is deleted. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    (await opening)?.close();
  }

  async #store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
    const opening = this.#database();
    const database = await opening;
    try {
      return database.transaction(STORE, mode).objectStore(STORE);
    } catch {
      // The browser has closed it: its data was cleared, its disk failed, or the page was in the background of iOS, which sends no event.
      if (this.#opening === opening) this.#opening = null;
      return (await this.#database()).transaction(STORE, mode).objectStore(STORE);
    }
  }

  #database(): Promise<IDBDatabase> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #open(): Promise<IDBDatabase> {
    const request = this.#factory.open(this.#name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    const database = await answerOf(request);
    // Another page wants a newer version, or to delete it all: it must not wait for this one.
    database.onversionchange = () => void this.close();
    return database;
  }
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function endOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}
