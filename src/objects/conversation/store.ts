import type { Marks } from "../../domain/marks.ts";
import type { ConversationType } from "../../protocol/conversation.ts";
import type { Role } from "../../protocol/roles.ts";
import { DiscreetStore } from "./discreet-store.ts";
import { EntryStore } from "./entry-store.ts";
import { HiddenStore } from "./hidden-store.ts";
import { InviteStore } from "./invite-store.ts";
import { ReactionStore } from "./reaction-store.ts";
import { RequestStore } from "./request-store.ts";
import { UnreadCounter } from "./unread-counter.ts";

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
  history_visible: boolean;
};

/**
 * A member, or one who was: `left_seq` is the entry with which it left, and the last it gets (CONV-4). `username`: empty if it
 * is not known, then nobody can name the member in a message.
 */
export type MemberRecord = {
  readonly user_id: string;
  readonly username: string;
  readonly role: Role;
  readonly joined_seq: number;
  readonly joined_at: number;
  readonly left_seq: number | null;
} & { readonly [M in keyof Marks]: number };

type ConversationRow = Omit<ConversationRecord, "history_visible"> & { history_visible: number };

const MEMBER_COLUMNS =
  "user_id, username, role, joined_seq, joined_at, left_seq, delivered_seq, delivered_at, read_seq, read_at";

/** The SQLite of one conversation. All calls are synchronous; the tables are STRICT, so a column has the type declared here. */
export class ConversationStore {
  readonly #sql: SqlStorage;
  readonly entries: EntryStore;
  readonly reactions: ReactionStore;
  readonly invites: InviteStore;
  readonly requests: RequestStore;
  readonly hidden: HiddenStore;
  readonly discreet: DiscreetStore;
  readonly unread: UnreadCounter;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.entries = new EntryStore(sql);
    this.reactions = new ReactionStore(sql);
    this.invites = new InviteStore(sql);
    this.requests = new RequestStore(sql);
    this.hidden = new HiddenStore(sql);
    this.discreet = new DiscreetStore(sql);
    this.unread = new UnreadCounter(this.entries);
  }

  load(): ConversationRecord | null {
    const row = this.#sql
      .exec<ConversationRow>(
        `SELECT conversation_id, type, name, description, avatar_url, created_by, created_at, version, settled_seq,
           delivered, history_visible
         FROM conversation`,
      )
      .toArray()[0];
    return row ? { ...row, history_visible: row.history_visible === 1 } : null;
  }

  insertConversation(record: ConversationRecord): void {
    this.#sql.exec(
      `INSERT INTO conversation (id, conversation_id, type, name, description, avatar_url, created_by, created_at,
         version, settled_seq, delivered, history_visible) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
      record.history_visible ? 1 : 0,
    );
  }

  /** Writes what people can change of a conversation. */
  putSettings(record: ConversationRecord): void {
    this.#sql.exec(
      "UPDATE conversation SET name = ?, description = ?, avatar_url = ?, history_visible = ?",
      record.name,
      record.description,
      record.avatar_url,
      record.history_visible ? 1 : 0,
    );
  }

  /** Of what the directory has to know. */
  setVersion(version: number): void {
    this.#sql.exec("UPDATE conversation SET version = ?", version);
  }

  setSettled(settled_seq: number): void {
    this.#sql.exec("UPDATE conversation SET settled_seq = ?", settled_seq);
  }

  setServed(settled_seq: number, delivered: string): void {
    this.#sql.exec("UPDATE conversation SET settled_seq = ?, delivered = ?", settled_seq, delivered);
  }

  members(): MemberRecord[] {
    return this.#sql
      .exec<MemberRecord>(`SELECT ${MEMBER_COLUMNS} FROM members WHERE left_seq IS NULL ORDER BY user_id`)
      .toArray();
  }

  /** Those who have left and do not know it yet: the entry is on its way to their objects. */
  leaving(): MemberRecord[] {
    return this.#sql
      .exec<MemberRecord>(
        `SELECT ${MEMBER_COLUMNS} FROM members WHERE left_seq IS NOT NULL AND left_told = 0`,
      )
      .toArray();
  }

  /** A member, or one who was. */
  member(user_id: string): MemberRecord | null {
    return (
      this.#sql
        .exec<MemberRecord>(`SELECT ${MEMBER_COLUMNS} FROM members WHERE user_id = ?`, user_id)
        .toArray()[0] ?? null
    );
  }

  /** Writes members, new ones or those who come back. */
  putMembers(members: readonly MemberRecord[]): void {
    for (const member of members) {
      this.#sql.exec(
        `INSERT INTO members (${MEMBER_COLUMNS}, left_told) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
         ON CONFLICT (user_id) DO UPDATE SET username = excluded.username, role = excluded.role,
           joined_seq = excluded.joined_seq, joined_at = excluded.joined_at, left_seq = excluded.left_seq,
           delivered_seq = excluded.delivered_seq, delivered_at = excluded.delivered_at,
           read_seq = excluded.read_seq, read_at = excluded.read_at, left_told = 0`,
        member.user_id,
        member.username,
        member.role,
        member.joined_seq,
        member.joined_at,
        member.left_seq,
        member.delivered_seq,
        member.delivered_at,
        member.read_seq,
        member.read_at,
      );
    }
  }

  setLeftTold(user_id: string): void {
    this.#sql.exec("UPDATE members SET left_told = 1 WHERE user_id = ? AND left_seq IS NOT NULL", user_id);
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
}
