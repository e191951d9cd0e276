import type { Entry } from "../../domain/entry.ts";
import type { Marks } from "../../domain/marks.ts";
import { EMPTY_LOG, type LogHead } from "../../domain/sequencing.ts";
import { errorFields, log } from "../../observability/log.ts";
import type { ConversationType, Role } from "../../protocol/conversation.ts";
import { metadataSchema } from "../../protocol/json.ts";

/** A page ends after so many characters of content: one RPC may carry 32 MiB, and an object has 128 MB. */
const MAX_PAGE_CHARS = 2_000_000;

/**
 * The conversation itself: one row. `settled_seq`: up to there every member's object is known to have taken the log over;
 * -1 until all know of the conversation. `delivered`: in a large group, the members' delivered marks as JSON, newer than
 * those in their rows.
 */
export type ConversationRecord = {
  conversation_id: string;
  type: ConversationType;
  name: string | null;
  description: string | null;
  avatar_url: string | null;
  created_by: string;
  created_at: number;
  version: number;
  settled_seq: number;
  delivered: string;
};

export type MemberRecord = {
  readonly user_id: string;
  readonly role: Role;
  readonly joined_seq: number;
  readonly joined_at: number;
} & { readonly [M in keyof Marks]: number };

/** Where the messages of one sender begin and end within a stretch of the log. */
export type SenderSpan = { sender_id: string; first_seq: number; last_seq: number };

type EntryRow = {
  seq: number;
  kind: "message";
  message_id: string;
  sender_id: string;
  client_message_id: string | null;
  content: string;
  reply_to_seq: number | null;
  metadata: string | null;
  created_at: number;
  edited_at: number | null;
  deleted_at: number | null;
};

/**
 * The SQLite of one conversation. All calls are synchronous; the tables are STRICT and checked, so a row's columns have
 * the types declared here.
 */
export class ConversationStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  load(): ConversationRecord | null {
    return (
      this.#sql
        .exec<ConversationRecord>(
          `SELECT conversation_id, type, name, description, avatar_url, created_by, created_at, version, settled_seq,
             delivered
           FROM conversation`,
        )
        .toArray()[0] ?? null
    );
  }

  insertConversation(record: ConversationRecord): void {
    this.#sql.exec(
      `INSERT INTO conversation (id, conversation_id, type, name, description, avatar_url, created_by, created_at,
         version, settled_seq, delivered) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      record.conversation_id,
      record.type,
      record.name,
      record.description,
      record.avatar_url,
      record.created_by,
      record.created_at,
      record.version,
      record.settled_seq,
      record.delivered,
    );
  }

  setSettled(settled_seq: number): void {
    this.#sql.exec("UPDATE conversation SET settled_seq = ?", settled_seq);
  }

  setServed(settled_seq: number, delivered: string): void {
    this.#sql.exec("UPDATE conversation SET settled_seq = ?, delivered = ?", settled_seq, delivered);
  }

  members(): MemberRecord[] {
    return this.#sql
      .exec<MemberRecord>(
        `SELECT user_id, role, joined_seq, joined_at, delivered_seq, delivered_at, read_seq, read_at
         FROM members ORDER BY user_id`,
      )
      .toArray();
  }

  insertMembers(members: readonly MemberRecord[]): void {
    for (const member of members) {
      this.#sql.exec(
        `INSERT INTO members (user_id, role, joined_seq, joined_at, delivered_seq, delivered_at, read_seq, read_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        member.user_id,
        member.role,
        member.joined_seq,
        member.joined_at,
        member.delivered_seq,
        member.delivered_at,
        member.read_seq,
        member.read_at,
      );
    }
  }

  setMarks(user_id: string, marks: Marks): void {
    this.#sql.exec(
      "UPDATE members SET delivered_seq = ?, delivered_at = ?, read_seq = ?, read_at = ? WHERE user_id = ?",
      marks.delivered_seq,
      marks.delivered_at,
      marks.read_seq,
      marks.read_at,
      user_id,
    );
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
      `INSERT INTO entries (seq, kind, message_id, sender_id, client_message_id, content, reply_to_seq, metadata,
         created_at, edited_at, deleted_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (sender_id, client_message_id) WHERE client_message_id IS NOT NULL DO NOTHING`,
      entry.seq,
      entry.kind,
      entry.message_id,
      entry.sender_id,
      entry.client_message_id,
      entry.content,
      entry.reply_to_seq,
      entry.metadata === null ? null : JSON.stringify(entry.metadata),
      entry.created_at,
      entry.edited_at,
      entry.deleted_at,
    );
    return inserted.rowsWritten > 0;
  }

  findByClientMessageId(sender_id: string, client_message_id: string): Entry | null {
    return this.#one("WHERE sender_id = ? AND client_message_id = ?", sender_id, client_message_id);
  }

  entry(seq: number): Entry | null {
    return this.#one("WHERE seq = ?", seq);
  }

  /** Ids ascend with `seq` (SEQ-3), so a binary search finds a message without an index to keep. */
  findByMessageId(message_id: string): Entry | null {
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
  firstEntries(after_seq: number, before_seq: number, limit: number): Entry[] {
    return this.#many("WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?", after_seq, before_seq, limit);
  }

  /** Entries with `after_seq < seq < before_seq`, ascending: the last `limit` of them, fewer if they are very long. */
  lastEntries(after_seq: number, before_seq: number, limit: number): Entry[] {
    return this.#many(
      "WHERE seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?",
      after_seq,
      before_seq,
      limit,
    ).reverse();
  }

  /** Messages by others, not deleted, after `read_seq` (UNR-1). */
  countUnread(user_id: string, read_seq: number): number {
    return this.#sql
      .exec<{ unread: number }>(
        `SELECT count(*) AS unread FROM entries
         WHERE seq > ? AND kind = 'message' AND sender_id <> ? AND deleted_at IS NULL`,
        read_seq,
        user_id,
      )
      .one().unread;
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
    const rows = this.#sql.exec<EntryRow>(
      `SELECT seq, kind, message_id, sender_id, client_message_id, content, reply_to_seq, metadata, created_at,
         edited_at, deleted_at FROM entries ${where}`,
      ...bindings,
    );
    const entries: Entry[] = [];
    let chars = 0;
    for (const row of rows) {
      entries.push(decodeEntry(row));
      chars += row.content.length;
      if (chars > MAX_PAGE_CHARS) break;
    }
    return entries;
  }
}

function decodeEntry(row: EntryRow): Entry {
  return { ...row, metadata: row.metadata === null ? null : decodeMetadata(row.metadata, row.seq) };
}

/** Metadata that cannot be read is given up: it must not take the log down with it. */
function decodeMetadata(text: string, seq: number): Entry["metadata"] {
  try {
    return metadataSchema.parse(JSON.parse(text));
  } catch (error) {
    log("error", "metadata of an entry cannot be read", { seq, ...errorFields(error) });
    return null;
  }
}
