import { z } from "zod";
import type { KnownDevice } from "../../domain/devices.ts";
import type { Inbox } from "../../domain/inbox.ts";
import { errorFields, log } from "../../observability/log.ts";
import type { ConversationType } from "../../protocol/conversation.ts";
import { positionSchema } from "../../protocol/ids.ts";
import type { Platform } from "../../protocol/session.ts";
import { type InboxPlace, type InboxQuery, idsOfNamed, type NamedRow, selectInbox } from "./inbox-query.ts";

type InboxRecord = {
  conversation_id: string;
  type: ConversationType;
  name: string | null;
  avatar_url: string | null;
  peer_id: string | null;
  last_message: string | null;
  head_seq: number;
  counted_seq: number;
  read_seq: number;
  delivered_seq: number;
  delivered_at: number;
  unread_count: number;
  mention_count: number;
  muted_until: number | null;
  notifications: Inbox["notifications"];
  pinned: number;
  archived: number;
  marked_unread: number;
  is_request: number;
  hidden_count: number;
  hidden_seqs: string;
  left_seq: number | null;
  positions: string;
  updated_at: number;
  sync_id: number;
};

/** A message that the user has hidden, and the change of its inbox by which its devices hear of it. */
export type HiddenRecord = { conversation_id: string; seq: number; message_id: string; sync_id: number };

type DeviceRecord = { device_id: string; platform: Platform | null; used_at: number; known_since: number };

const INBOX_COLUMNS = [
  ...["conversation_id", "type", "name", "avatar_url", "peer_id", "last_message", "head_seq", "counted_seq"],
  ...[
    "read_seq",
    "delivered_seq",
    "delivered_at",
    "unread_count",
    "mention_count",
    "muted_until",
    "notifications",
    "pinned",
    "archived",
    "marked_unread",
    "is_request",
    "hidden_count",
    "hidden_seqs",
    "left_seq",
  ],
  ...["positions", "updated_at", "sync_id"],
];
const WRITTEN_COLUMNS = [...INBOX_COLUMNS, "quota"];

/** An update in place is one row; REPLACE would be two. */
const UPSERT_INBOX = `INSERT INTO inbox (${WRITTEN_COLUMNS.join(", ")})
  VALUES (${WRITTEN_COLUMNS.map(() => "?").join(", ")})
  ON CONFLICT (conversation_id) DO UPDATE SET
    ${WRITTEN_COLUMNS.slice(1)
      .map((column) => `${column} = excluded.${column}`)
      .join(", ")}`;

const hiddenSchema = z.array(positionSchema);
const positionsSchema = z.record(z.string(), positionSchema);

/** The SQLite of one user. All calls are synchronous; the tables are STRICT and checked. */
export class UserStore {
  readonly #sql: SqlStorage;
  /** Read again after a change. */
  #devices: ReadonlyMap<string, KnownDevice> | null = null;
  /** Asked for with every hand-over. */
  #deviceIds: string[] | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  user(): { status_text: string; last_seen_at: number | null } {
    return this.#sql
      .exec<{ status_text: string; last_seen_at: number | null }>(
        "SELECT status_text, last_seen_at FROM user",
      )
      .one();
  }

  setLastSeen(last_seen_at: number): void {
    this.#sql.exec("UPDATE user SET last_seen_at = max(coalesce(last_seen_at, 0), ?)", last_seen_at);
  }

  setStatusText(status_text: string): void {
    this.#sql.exec("UPDATE user SET status_text = ?", status_text);
  }

  /** The known devices by their ids. */
  devices(): ReadonlyMap<string, KnownDevice> {
    this.#devices ??= new Map(
      this.#sql
        .exec<DeviceRecord>("SELECT device_id, platform, used_at, known_since FROM devices")
        .toArray()
        .map((row) => [row.device_id, row]),
    );
    return this.#devices;
  }

  deviceIds(): readonly string[] {
    this.#deviceIds ??= [...this.devices().keys()];
    return this.#deviceIds;
  }

  /** Of a device that is known, `platform: null` leaves the one that it has, and `known_since` stays. */
  putDevice({ device_id, platform, used_at, known_since }: KnownDevice): void {
    this.#forgetDevices();
    this.#sql.exec(
      `INSERT INTO devices (device_id, platform, used_at, known_since) VALUES (?, ?, ?, ?)
       ON CONFLICT (device_id) DO UPDATE SET platform = coalesce(excluded.platform, platform), used_at = excluded.used_at`,
      device_id,
      platform,
      used_at,
      known_since,
    );
  }

  deleteDevice(device_id: string): void {
    this.#forgetDevices();
    this.#sql.exec("DELETE FROM devices WHERE device_id = ?", device_id);
  }

  inbox(conversation_id: string): Inbox | null {
    return this.#inboxes("WHERE conversation_id = ?", conversation_id)[0] ?? null;
  }

  /**
   * Conversations that a device has not received in full: `positions` names it. A search in the text, since with
   * `json_each` it took more than twice as long whenever a device came to a sleeping object (135 µs, now 50).
   */
  laggingInboxes(device_id: string): Inbox[] {
    return this.#inboxes("WHERE instr(positions, ?) > 0 ORDER BY updated_at DESC", JSON.stringify(device_id));
  }

  /** Of which conversations the rows have changed. */
  changedSince(sync_id: number): string[] {
    return this.#sql
      .exec<{ conversation_id: string }>(
        "SELECT conversation_id FROM inbox WHERE sync_id > ? AND left_seq IS NULL ORDER BY sync_id",
        sync_id,
      )
      .toArray()
      .map(({ conversation_id }) => conversation_id);
  }

  /** The rows of conversations, but for those that the user has left. */
  inboxesOf(conversation_ids: readonly string[]): Inbox[] {
    return this.#inboxes(
      "WHERE conversation_id IN (SELECT value FROM json_each(?)) AND left_seq IS NULL ORDER BY sync_id",
      JSON.stringify(conversation_ids),
    );
  }

  /** Rows after the one at `after`, the first `limit` of them. */
  inboxPage(query: InboxQuery, after: InboxPlace | null, limit: number): Inbox[] {
    const { named } = query;
    const ids = named ? idsOfNamed(this.#names(), named.q, named.peer_ids) : null;
    const { where, order, bindings } = selectInbox(query, after, ids);
    return this.#inboxes(`WHERE ${where} ORDER BY ${order} LIMIT ?`, ...bindings, limit);
  }

  #names(): NamedRow[] {
    return this.#sql.exec<NamedRow>("SELECT conversation_id, name, peer_id FROM inbox").toArray();
  }

  conversationIds(after_id: string, limit: number): string[] {
    return this.#sql
      .exec<{ conversation_id: string }>(
        "SELECT conversation_id FROM inbox WHERE conversation_id > ? ORDER BY conversation_id LIMIT ?",
        after_id,
        limit,
      )
      .toArray()
      .map(({ conversation_id }) => conversation_id);
  }

  /** Writes a row; `quota`: the rate-limit buckets as JSON, which ride along. */
  putInbox(inbox: Inbox, quota: string): void {
    this.#sql.exec(
      UPSERT_INBOX,
      inbox.conversation_id,
      inbox.type,
      inbox.name,
      inbox.avatar_url,
      inbox.peer_id,
      inbox.last_message,
      inbox.head_seq,
      inbox.counted_seq,
      inbox.read_seq,
      inbox.delivered_seq,
      inbox.delivered_at,
      inbox.unread_count,
      inbox.mention_count,
      inbox.muted_until,
      inbox.notifications,
      inbox.pinned ? 1 : 0,
      inbox.archived ? 1 : 0,
      inbox.marked_unread ? 1 : 0,
      inbox.is_request ? 1 : 0,
      inbox.hidden_count,
      JSON.stringify(inbox.hidden_seqs),
      inbox.left_seq,
      JSON.stringify(inbox.positions),
      inbox.updated_at,
      inbox.sync_id,
      quota,
    );
  }

  /** Of how many messages that the user has hidden in a conversation its devices are told. */
  hiddenCount(conversation_id: string): number {
    return this.#sql
      .exec<{ n: number }>("SELECT count(*) AS n FROM hidden WHERE conversation_id = ?", conversation_id)
      .one().n;
  }

  hiddenAmong(conversation_id: string, seqs: readonly number[]): Set<number> {
    const rows = this.#sql.exec<{ seq: number }>(
      "SELECT seq FROM hidden WHERE conversation_id = ? AND seq IN (SELECT value FROM json_each(?))",
      ...[conversation_id, JSON.stringify(seqs)],
    );
    return new Set(rows.toArray().map(({ seq }) => seq));
  }

  putHidden({ conversation_id, seq, message_id, sync_id }: HiddenRecord): void {
    this.#sql.exec(
      "INSERT OR IGNORE INTO hidden (conversation_id, seq, message_id, sync_id) VALUES (?, ?, ?, ?)",
      ...[conversation_id, seq, message_id, sync_id],
    );
  }

  hiddenSince(sync_id: number): HiddenRecord[] {
    return this.#sql
      .exec<HiddenRecord>(
        "SELECT conversation_id, seq, message_id, sync_id FROM hidden WHERE sync_id > ? ORDER BY sync_id",
        sync_id,
      )
      .toArray();
  }

  lastSyncId(): number {
    return this.#sql.exec<{ last: number }>("SELECT coalesce(max(sync_id), 0) AS last FROM inbox").one().last;
  }

  /** The rate-limit buckets as they were last written. */
  lastQuota(): string | null {
    return (
      this.#sql.exec<{ quota: string }>("SELECT quota FROM inbox ORDER BY sync_id DESC LIMIT 1").toArray()[0]
        ?.quota ?? null
    );
  }

  #forgetDevices(): void {
    this.#devices = null;
    this.#deviceIds = null;
  }

  #inboxes(where: string, ...bindings: SqlStorageValue[]): Inbox[] {
    return this.#sql
      .exec<InboxRecord>(`SELECT ${INBOX_COLUMNS.join(", ")} FROM inbox ${where}`, ...bindings)
      .toArray()
      .map(decodeInbox);
  }
}

/** A row that cannot be read begins anew: the next hand-over shows the hole, and everything is served again (DLV-1). */
function decodeInbox(record: InboxRecord): Inbox {
  const row = {
    ...record,
    pinned: record.pinned === 1,
    archived: record.archived === 1,
    marked_unread: record.marked_unread === 1,
    is_request: record.is_request === 1,
  };
  try {
    const hidden_seqs = hiddenSchema.parse(JSON.parse(record.hidden_seqs));
    return { ...row, hidden_seqs, positions: positionsSchema.parse(JSON.parse(record.positions)) };
  } catch (error) {
    const { conversation_id } = record;
    log("error", "an inbox row cannot be read", { conversation_id, ...errorFields(error) });
    const nothing = {
      head_seq: 0,
      counted_seq: 0,
      read_seq: 0,
      delivered_seq: 0,
      delivered_at: 0,
      unread_count: 0,
      mention_count: 0,
      hidden_count: 0,
      hidden_seqs: [],
    };
    return { ...row, ...nothing, positions: {}, last_message: null };
  }
}
