import { z } from "zod";
import { type Entry, type EntryExtra, type EntryKind, isChange } from "../../domain/entry.ts";
import { EMPTY_LOG, type LogHead } from "../../domain/sequencing.ts";
import { errorFields, log } from "../../observability/log.ts";
import { conversationEventSchema } from "../../protocol/event.ts";
import { userIdSchema } from "../../protocol/ids.ts";
import { metadataSchema } from "../../protocol/json.ts";
import { forwardedFromSchema } from "../../protocol/message.ts";
import { NOT_HIDDEN } from "./hidden-store.ts";

/**
 * A page ends after so many characters, those of the messages that its changes are about included: one RPC may carry 32 MiB,
 * and an object has 128 MB.
 */
const MAX_PAGE_CHARS = 2_000_000;

/** So many entries are looked through for the last message that a member sees: it may have hidden thousands in a row. */
const MAX_LOOK = 5_000;

const COLUMNS =
  "seq, kind, message_id, sender_id, client_message_id, content, reply_to_seq, metadata, created_at, edited_at, " +
  "deleted_at, pinned_at, target_seq, extra";

/** Where the messages of one sender begin and end within a stretch of the log. */
export type SenderSpan = { sender_id: string; first_seq: number; last_seq: number };

/** What a member has left to read. */
export type UnreadCounts = { unread_count: number; mention_count: number };

type EntryRow = {
  seq: number;
  kind: EntryKind;
  message_id: string;
  sender_id: string;
  client_message_id: string | null;
  content: string;
  reply_to_seq: number | null;
  metadata: string | null;
  created_at: number;
  edited_at: number | null;
  deleted_at: number | null;
  pinned_at: number | null;
  target_seq: number | null;
  extra: string | null;
  target_chars: number | null;
};

const TARGET_CHARS =
  "CASE WHEN target_seq IS NOT NULL THEN (SELECT length(content) FROM entries AS target WHERE target.seq = entries.target_seq) END";

const extraSchema = z.object({
  mentions: z.array(userIdSchema).optional(),
  first_mentions: z.array(userIdSchema).optional(),
  forwarded_from: forwardedFromSchema.optional(),
  event: conversationEventSchema.optional(),
});

/** A stretch of the log: `after_seq < seq <= up_to_seq`. */
export interface Range {
  readonly after_seq: number;
  readonly up_to_seq: number;
}

/** The current state of a message that changes can touch. */
export type MessageState = Pick<
  Entry,
  "seq" | "content" | "metadata" | "edited_at" | "deleted_at" | "pinned_at" | "extra"
>;

/** The log of one conversation. All calls are synchronous. */
export class EntryStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  head(): LogHead {
    return (
      this.#sql
        .exec<LogHead & Record<string, SqlStorageValue>>(
          "SELECT seq, message_id, created_at FROM entries ORDER BY seq DESC LIMIT 1",
        )
        .toArray()[0] ?? EMPTY_LOG
    );
  }

  /** False, and nothing written, if the sender has used this `client_message_id` before (IDEM-1). */
  append(entry: Entry): boolean {
    const inserted = this.#sql.exec(
      `INSERT INTO entries (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (sender_id, client_message_id) WHERE client_message_id IS NOT NULL DO NOTHING`,
      entry.seq,
      entry.kind,
      entry.message_id,
      entry.sender_id,
      entry.client_message_id,
      entry.content,
      entry.reply_to_seq,
      jsonOrNull(entry.metadata),
      entry.created_at,
      entry.edited_at,
      entry.deleted_at,
      entry.pinned_at,
      entry.target_seq,
      jsonOrNull(entry.extra),
    );
    return inserted.rowsWritten > 0;
  }

  /** A message is from now on as a change has left it. */
  update(state: MessageState): void {
    this.#sql.exec(
      `UPDATE entries SET content = ?, metadata = ?, edited_at = ?, deleted_at = ?, pinned_at = ?, extra = ?
       WHERE seq = ?`,
      state.content,
      jsonOrNull(state.metadata),
      state.edited_at,
      state.deleted_at,
      state.pinned_at,
      jsonOrNull(state.extra),
      state.seq,
    );
  }

  findByClientMessageId(sender_id: string, client_message_id: string): Entry | null {
    return this.#one("WHERE sender_id = ? AND client_message_id = ?", sender_id, client_message_id);
  }

  entry(seq: number): Entry | null {
    return this.#one("WHERE seq = ?", seq);
  }

  /** Any number of entries by their places: all of them, since the page that they belong to is bounded. */
  entriesAt(seqs: readonly number[]): Map<number, Entry> {
    if (seqs.length === 0) return new Map();
    const rows = this.#rows("WHERE seq IN (SELECT value FROM json_each(?))", JSON.stringify(seqs));
    return new Map(Array.from(rows, (row) => [row.seq, decodeEntry(row)]));
  }

  /** Ids ascend with `seq` (SEQ-3), so a binary search finds an entry without an index to keep. */
  findById(message_id: string): Entry | null {
    let low = 1;
    let high = this.head().seq;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const found = this.entry(middle);
      if (!found || found.message_id === message_id) return found;
      if (found.message_id < message_id) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  /** Entries with `after_seq < seq < before_seq`, ascending: the first `limit` of them, fewer if they are very long. */
  first(after_seq: number, before_seq: number, limit: number): Entry[] {
    return this.#many("WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?", after_seq, before_seq, limit);
  }

  /** The same, of what a history shows `viewer_id` only: messages and events, no changes, and nothing it has hidden. */
  firstShown(after_seq: number, before_seq: number, limit: number, viewer_id: string): Entry[] {
    return this.#many(
      `WHERE seq > ? AND seq < ? AND target_seq IS NULL AND ${NOT_HIDDEN} ORDER BY seq LIMIT ?`,
      after_seq,
      before_seq,
      viewer_id,
      limit,
    );
  }

  /** The last `limit` of them, ascending. */
  lastShown(after_seq: number, before_seq: number, limit: number, viewer_id: string): Entry[] {
    return this.#many(
      `WHERE seq > ? AND seq < ? AND target_seq IS NULL AND ${NOT_HIDDEN} ORDER BY seq DESC LIMIT ?`,
      after_seq,
      before_seq,
      viewer_id,
      limit,
    ).reverse();
  }

  /** The last message among them that `viewer_id` has not hidden; null too if more than MAX_LOOK entries lie behind it. */
  lastMessage(after_seq: number, before_seq: number, viewer_id: string): Entry | null {
    return this.#one(
      `WHERE seq > ? AND seq < ? AND kind = 'message' AND ${NOT_HIDDEN} ORDER BY seq DESC LIMIT 1`,
      Math.max(after_seq, before_seq - 1 - MAX_LOOK),
      before_seq,
      viewer_id,
    );
  }

  /** The last change of each of the messages in `targets` that lies `within`; the first `limit`, fewer if they are very long. */
  lastChanges(targets: Range, within: Range, limit: number) {
    return this.#many(
      `WHERE seq IN (SELECT max(seq) FROM entries
         WHERE seq > ? AND seq <= ? AND target_seq > ? AND target_seq <= ? GROUP BY target_seq)
       ORDER BY seq LIMIT ?`,
      within.after_seq,
      within.up_to_seq,
      targets.after_seq,
      targets.up_to_seq,
      limit,
    ).filter(isChange);
  }

  /** Is there one? */
  hasChanges(targets: Range, within: Range): boolean {
    return this.lastChanges(targets, within, 1).length > 0;
  }

  /** Pinned messages that `viewer_id` has not hidden, the one pinned last first. */
  pinned(after_seq: number, limit: number, viewer_id: string): Entry[] {
    return this.#many(
      `WHERE pinned_at IS NOT NULL AND seq > ? AND ${NOT_HIDDEN} ORDER BY pinned_at DESC, seq DESC LIMIT ?`,
      after_seq,
      viewer_id,
      limit,
    );
  }

  /** Messages by others within a stretch, neither deleted nor hidden; and those of them that name the member (UNR-1). */
  countUnread(user_id: string, { after_seq, up_to_seq }: Range): UnreadCounts {
    return this.#sql
      .exec<UnreadCounts>(
        `SELECT count(*) AS unread_count,
           count(*) FILTER (WHERE extra IS NOT NULL AND EXISTS
             (SELECT 1 FROM json_each(extra, '$.mentions') WHERE value = ?1)) AS mention_count
         FROM entries
         WHERE seq > ?2 AND seq <= ?3 AND kind = 'message' AND sender_id <> ?1 AND deleted_at IS NULL
           AND ${NOT_HIDDEN.replace("?", "?1")}`,
        user_id,
        after_seq,
        up_to_seq,
      )
      .one();
  }

  /** The senders of the entries with `after_seq < seq <= up_to_seq`. */
  senderSpans(after_seq: number, up_to_seq: number): SenderSpan[] {
    return this.#sql
      .exec<SenderSpan>(
        `SELECT sender_id, min(seq) AS first_seq, max(seq) AS last_seq FROM entries
         WHERE seq > ? AND seq <= ? GROUP BY sender_id`,
        after_seq,
        up_to_seq,
      )
      .toArray();
  }

  #one(where: string, ...bindings: SqlStorageValue[]): Entry | null {
    return this.#many(where, ...bindings)[0] ?? null;
  }

  #many(where: string, ...bindings: SqlStorageValue[]): Entry[] {
    const entries: Entry[] = [];
    let chars = 0;
    for (const row of this.#rows(where, ...bindings)) {
      entries.push(decodeEntry(row));
      chars += row.content.length + (row.extra?.length ?? 0) + (row.target_chars ?? 0);
      if (chars > MAX_PAGE_CHARS) break;
    }
    return entries;
  }

  #rows(where: string, ...bindings: SqlStorageValue[]) {
    return this.#sql.exec<EntryRow>(
      `SELECT ${COLUMNS}, ${TARGET_CHARS} AS target_chars FROM entries ${where}`,
      ...bindings,
    );
  }
}

function jsonOrNull(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

function decodeEntry({ target_chars: _, ...row }: EntryRow): Entry {
  const { seq, metadata, extra } = row;
  return {
    ...row,
    metadata: metadata === null ? null : decode("metadata", metadataSchema, metadata, seq),
    extra: extra === null ? null : decode<EntryExtra>("extra", extraSchema, extra, seq),
  };
}

/** What cannot be read is given up: it must not take the log down with it. */
function decode<T>(what: string, schema: z.ZodType<T>, text: string, seq: number): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    log("error", `${what} of an entry cannot be read`, { seq, ...errorFields(error) });
    return null;
  }
}
