import { BLOCK_ENTRIES, type Block, blockId, blockOf, firstBlockId } from "../../domain/search-index.ts";

/**
 * The name tells the format of the index: what is indexed, and how it is folded. It holds nothing that is not in the log,
 * so whoever changes the format drops the old table and takes another name.
 */
const TABLE = "search_1";

/** Only what begins a term, or is one, is asked for: neither positions nor texts are kept. */
const CREATE = `CREATE VIRTUAL TABLE IF NOT EXISTS ${TABLE}
  USING fts5(terms, content='', contentless_delete=1, detail=none, tokenize='ascii')`;

/** An entry as the index sees it: only messages have a text; `target_seq`: the message whose text it has changed. */
export type IndexedEntry = { seq: number; content: string; target_seq: number | null };

/** A message that may be what is sought. */
export type FoundText = { seq: number; content: string };

/** A part of the log, both ends included. */
export interface Stretch {
  readonly first_seq: number;
  readonly last_seq: number;
}

const INDEXED = `seq,
  CASE WHEN kind = 'message' AND deleted_at IS NULL THEN content ELSE '' END AS content,
  CASE WHEN kind IN ('edited', 'deleted') THEN target_seq END AS target_seq`;

/** The search index of one conversation, a table of FTS5, and what it reads of the log. All calls are synchronous. */
export class SearchStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Up to where the log is indexed. Every entry before belongs to one block. */
  indexedSeq(): number {
    return this.#blocks("rowid >= 0 ORDER BY rowid DESC LIMIT 1")[0]?.last_seq ?? 0;
  }

  /** The block that begins at `seq` or last before it. */
  blockAt(seq: number): Block | null {
    return this.#blocks("rowid < ? ORDER BY rowid DESC LIMIT 1", firstBlockId(seq + 1))[0] ?? null;
  }

  /** Blocks that may have what `filter` asks for, and of which something stands within `range`; the newest first. */
  find(filter: string, { first_seq, last_seq }: Stretch, limit: number): Block[] {
    return this.#blocks(
      `${TABLE} MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?`,
      filter,
      firstBlockId(Math.max(0, first_seq - BLOCK_ENTRIES + 1)),
      firstBlockId(last_seq + 1),
      limit,
    );
  }

  /** Until something is indexed there is no index: it makes the smallest database 16 KiB larger. */
  create(): void {
    this.#sql.exec(CREATE);
  }

  /** Puts a block into the index, or in the place of what was indexed of it. */
  put(block: Block, terms: string): void {
    this.#sql.exec(`INSERT OR REPLACE INTO ${TABLE} (rowid, terms) VALUES (?, ?)`, blockId(block), terms);
  }

  /** The next entries after `seq`: at most `limit`, and as many as have not much more than `chars` characters. */
  entriesAfter(seq: number, limit: number, chars: number): IndexedEntry[] {
    const rows = this.#sql.exec<IndexedEntry>(
      `SELECT ${INDEXED} FROM entries WHERE seq > ? ORDER BY seq LIMIT ?`,
      seq,
      limit,
    );
    const entries: IndexedEntry[] = [];
    let left = chars;
    for (const row of rows) {
      entries.push(row);
      left -= row.content.length;
      if (left <= 0) break;
    }
    return entries;
  }

  entriesOf({ first_seq, last_seq }: Block): IndexedEntry[] {
    return this.#sql
      .exec<IndexedEntry>(`SELECT ${INDEXED} FROM entries WHERE seq BETWEEN ? AND ?`, first_seq, last_seq)
      .toArray();
  }

  /** The messages of a stretch as they are now, the newest first; `sender_id`: null for everybody's. */
  messages({ first_seq, last_seq }: Stretch, sender_id: string | null): FoundText[] {
    return this.#sql
      .exec<FoundText>(
        `SELECT seq, content FROM entries
         WHERE seq BETWEEN ?1 AND ?2 AND kind = 'message' AND deleted_at IS NULL AND (?3 IS NULL OR sender_id = ?3)
         ORDER BY seq DESC`,
        first_seq,
        last_seq,
        sender_id,
      )
      .toArray();
  }

  /** The first entry of this time (Unix ms) or later; times ascend with `seq`. One after the last if there is none. */
  firstSince(time: number, head_seq: number): number {
    let low = 1;
    let high = head_seq + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#createdAt(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #createdAt(seq: number): number {
    return this.#sql.exec<{ created_at: number }>("SELECT created_at FROM entries WHERE seq = ?", seq).one()
      .created_at;
  }

  #blocks(where: string, ...bindings: SqlStorageValue[]): Block[] {
    if (!this.#exists()) return [];
    return this.#sql
      .exec<{ rowid: number }>(`SELECT rowid FROM ${TABLE} WHERE ${where}`, ...bindings)
      .toArray()
      .map(({ rowid }) => blockOf(rowid));
  }

  #exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = ?", TABLE).toArray().length > 0;
  }
}
