/** Of entries: the member bound here has not deleted it for itself. For every query of what a member may read. */
export const NOT_HIDDEN =
  "NOT EXISTS (SELECT 1 FROM hidden WHERE hidden.seq = entries.seq AND hidden.user_id = ?)";

/** The how-manieth message a member has hidden here, and which. */
export type HiddenPlace = { place: number; seq: number };

/** What members have deleted for themselves alone. Nothing comes back from it, so that their numbers only grow. */
export class HiddenStore {
  readonly #sql: SqlStorage;
  /** How many each member has hidden; read once, since that means all of them. */
  #counts: Map<string, number> | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  count(user_id: string): number {
    return this.#all().get(user_id) ?? 0;
  }

  /** Its place; null, and nothing written, if it was hidden before. */
  add(user_id: string, seq: number): number | null {
    const place = this.count(user_id) + 1;
    const inserted = this.#sql.exec(
      "INSERT INTO hidden (seq, user_id, place) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      ...[seq, user_id, place],
    );
    if (inserted.rowsWritten === 0) return null;
    this.#all().set(user_id, place);
    return place;
  }

  /** Which of these messages a member has hidden. */
  of(user_id: string, seqs: readonly number[]): Set<number> {
    if (seqs.length === 0 || this.count(user_id) === 0) return new Set();
    const rows = this.#sql.exec<{ seq: number }>(
      "SELECT seq FROM hidden WHERE seq IN (SELECT value FROM json_each(?)) AND user_id = ?",
      ...[JSON.stringify(seqs), user_id],
    );
    return new Set(rows.toArray().map(({ seq }) => seq));
  }

  /** Those that a member has hidden after `seq`. */
  seqsAfter(user_id: string, seq: number): number[] {
    return this.#sql
      .exec<{ seq: number }>(
        "SELECT seq FROM hidden WHERE seq > ? AND user_id = ? ORDER BY seq",
        seq,
        user_id,
      )
      .toArray()
      .map((row) => row.seq);
  }

  /** Those that a member has hidden after the first `place`, in that order. */
  after(user_id: string, place: number, limit: number): HiddenPlace[] {
    return this.#sql
      .exec<HiddenPlace>(
        "SELECT place, seq FROM hidden WHERE user_id = ? AND place > ? ORDER BY place LIMIT ?",
        ...[user_id, place, limit],
      )
      .toArray();
  }

  #all(): Map<string, number> {
    this.#counts ??= new Map(
      this.#sql
        .exec<{ user_id: string; n: number }>("SELECT user_id, count(*) AS n FROM hidden GROUP BY user_id")
        .toArray()
        .map((row) => [row.user_id, row.n]),
    );
    return this.#counts;
  }

  /** Who has hidden a message. */
  hidersOf(seq: number): string[] {
    return this.#sql
      .exec<{ user_id: string }>("SELECT user_id FROM hidden WHERE seq = ?", seq)
      .toArray()
      .map(({ user_id }) => user_id);
  }
}
