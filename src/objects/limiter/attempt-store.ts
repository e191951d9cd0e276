import type { Bucket } from "../../domain/token-bucket.ts";

type AttemptRow = { account: string; tokens: number; at: number };

/**
 * Buckets of sign-in attempts, by account. Stored, unlike the others: an object is evicted within seconds, and whoever
 * guesses passwords would only have to wait for that. The table is made by the first attempt, so that an address that
 * never signs in stores nothing.
 */
export class AttemptStore {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  find(account: string): Bucket | undefined {
    if (!this.#exists()) return undefined;
    return this.#storage.sql
      .exec<AttemptRow>("SELECT account, tokens, at FROM auth_attempts WHERE account = ?", account)
      .toArray()[0];
  }

  list(): AttemptRow[] {
    if (!this.#exists()) return [];
    return this.#storage.sql.exec<AttemptRow>("SELECT account, tokens, at FROM auth_attempts").toArray();
  }

  save(account: string, bucket: Bucket): void {
    this.#storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS auth_attempts (account TEXT PRIMARY KEY, tokens REAL NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    );
    this.#storage.sql.exec(
      `INSERT INTO auth_attempts (account, tokens, at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET tokens = excluded.tokens, at = excluded.at`,
      account,
      bucket.tokens,
      bucket.at,
    );
  }

  delete(account: string): void {
    if (this.#exists()) this.#storage.sql.exec("DELETE FROM auth_attempts WHERE account = ?", account);
  }

  #exists(): boolean {
    return (
      this.#storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'auth_attempts'").toArray().length > 0
    );
  }
}
