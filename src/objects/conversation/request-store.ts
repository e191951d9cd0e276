/** The members who have not accepted the conversation yet: to them it is a stranger's wish to write. */
export class RequestStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  all(): string[] {
    return this.#sql
      .exec<{ user_id: string }>("SELECT user_id FROM requests")
      .toArray()
      .map(({ user_id }) => user_id);
  }

  add(user_id: string): void {
    this.#sql.exec("INSERT INTO requests (user_id) VALUES (?)", user_id);
  }

  delete(user_id: string): void {
    this.#sql.exec("DELETE FROM requests WHERE user_id = ?", user_id);
  }
}
