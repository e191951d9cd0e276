/** A value of JSON, under a key. */
export interface StoredEntry {
  readonly key: string;
  readonly value: unknown;
}

/** `value` undefined: the entry goes. */
export interface StorageWrite {
  readonly key: string;
  readonly value?: unknown;
}

/**
 * Where a client keeps what it knows, so that an app opens offline and a message survives a reload. A sorted store of JSON values:
 * anything that can list by prefix and write several entries at once will do. One client at a time may use it.
 */
export interface ClientStorage {
  /** Entries whose key begins so, ascending by key. */
  list(prefix: string): Promise<StoredEntry[]>;
  /** All of the writes or none. */
  write(writes: readonly StorageWrite[]): Promise<void>;
  clear(): Promise<void>;
}
