import type { Reaction } from "../../domain/entry.ts";

type ReactionRow = { seq: number; emoji: string; count: number; mine: number };

/** Who has reacted to what. All calls are synchronous. */
export class ReactionStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** False if it was there. */
  add(seq: number, user_id: string, emoji: string, at: number): boolean {
    const inserted = this.#sql.exec(
      "INSERT INTO reactions (seq, user_id, emoji, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      seq,
      user_id,
      emoji,
      at,
    );
    return inserted.rowsWritten > 0;
  }

  /** False if it was not there. */
  remove(seq: number, user_id: string, emoji: string): boolean {
    const deleted = this.#sql.exec(
      "DELETE FROM reactions WHERE seq = ? AND user_id = ? AND emoji = ?",
      seq,
      user_id,
      emoji,
    );
    return deleted.rowsWritten > 0;
  }

  clear(seq: number): void {
    this.#sql.exec("DELETE FROM reactions WHERE seq = ?", seq);
  }

  /** The emoji on a message. */
  kinds(seq: number): string[] {
    return this.#sql
      .exec<{ emoji: string }>("SELECT DISTINCT emoji FROM reactions WHERE seq = ?", seq)
      .toArray()
      .map(({ emoji }) => emoji);
  }

  /** Who has reacted to a message, and with what. */
  reactorsOf(seq: number): Map<string, Set<string>> {
    const reactors = new Map<string, Set<string>>();
    const rows = this.#sql.exec<{ user_id: string; emoji: string }>(
      "SELECT user_id, emoji FROM reactions WHERE seq = ?",
      seq,
    );
    for (const { user_id, emoji } of rows) {
      const known = reactors.get(user_id);
      if (known) known.add(emoji);
      else reactors.set(user_id, new Set([emoji]));
    }
    return reactors;
  }

  /** The reactions to some messages as `viewer_id` sees them, by place; each message's in the order they first came. */
  of(seqs: readonly number[], viewer_id: string | null): Map<number, Reaction[]> {
    const reactions = new Map<number, Reaction[]>();
    if (seqs.length === 0) return reactions;
    const rows = this.#sql.exec<ReactionRow>(
      `SELECT seq, emoji, count(*) AS count, max(user_id = ?) AS mine FROM reactions
       WHERE seq IN (SELECT value FROM json_each(?)) GROUP BY seq, emoji ORDER BY seq, min(at), emoji`,
      viewer_id ?? "",
      JSON.stringify(seqs),
    );
    for (const { seq, emoji, count, mine } of rows) {
      const reaction = { emoji, count, mine: mine === 1 };
      const known = reactions.get(seq);
      if (known) known.push(reaction);
      else reactions.set(seq, [reaction]);
    }
    return reactions;
  }
}
