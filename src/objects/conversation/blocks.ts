import type { ConversationState } from "./state.ts";

/** Which members of a one-on-one block their peer: a row each. */
export class Blocks {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Into the memory of a conversation that wakes. */
  load({ blockers }: ConversationState): void {
    const rows = this.#sql.exec<{ user_id: string }>("SELECT user_id FROM blocks").toArray();
    for (const { user_id } of rows) blockers.add(user_id);
  }

  /** Writes nothing where it is so already, nor where it cannot be: in a group, or for who is not a member. */
  set({ record, members, blockers }: ConversationState, user_id: string, blocks: boolean): void {
    if (record.type !== "one_on_one" || !members.has(user_id) || blockers.has(user_id) === blocks) return;
    if (blocks) {
      this.#sql.exec("INSERT INTO blocks (user_id) VALUES (?)", user_id);
      blockers.add(user_id);
    } else {
      this.#sql.exec("DELETE FROM blocks WHERE user_id = ?", user_id);
      blockers.delete(user_id);
    }
  }
}
