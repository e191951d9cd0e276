import type { Discreet } from "../../domain/receipts.ts";

type DiscreetRow = { user_id: string; shown_read_seq: number; is_off: number };

/** Members that give no read receipts, or whose reading of before is not to be told (DLV-6). */
export class DiscreetStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  all(): [string, Discreet][] {
    return this.#sql
      .exec<DiscreetRow>("SELECT user_id, shown_read_seq, is_off FROM discreet")
      .toArray()
      .map(({ user_id, is_off, ...row }) => [user_id, { ...row, is_off: is_off === 1 }]);
  }

  put(user_id: string, { shown_read_seq, is_off }: Discreet): void {
    this.#sql.exec(
      `INSERT INTO discreet (user_id, shown_read_seq, is_off) VALUES (?, ?, ?)
       ON CONFLICT (user_id) DO UPDATE SET shown_read_seq = excluded.shown_read_seq, is_off = excluded.is_off`,
      ...[user_id, shown_read_seq, is_off ? 1 : 0],
    );
  }

  delete(user_id: string): void {
    this.#sql.exec("DELETE FROM discreet WHERE user_id = ?", user_id);
  }
}
