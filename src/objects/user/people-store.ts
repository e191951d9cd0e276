import type { FriendChange } from "../../domain/friendship.ts";
import type { Announced } from "../../domain/presence.ts";
import { DEFAULT_PRIVACY } from "../../domain/privacy.ts";
import type { FriendStatus } from "../../protocol/friend.ts";
import type { Privacy } from "../../protocol/privacy.ts";

/** How another user stands to this one, as of `version`. */
export type Standing = { status: FriendStatus; version: number };

type PrivacyRecord = Omit<Privacy, "read_receipts"> & { read_receipts: number };

const UNKNOWN: Standing = { status: "none", version: 0 };
const NOTHING_SAID: Announced = { status: "offline", status_text: "" };

/** Who a user's friends are, what they were told, and what it lets others know: as D1 says it, told by the Worker. */
export class PeopleStore {
  readonly #sql: SqlStorage;
  /** Read again after a change. */
  #privacy: Privacy | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  standing(user_id: string): Standing {
    return (
      this.#sql
        .exec<Standing>("SELECT status, version FROM friends WHERE user_id = ?", user_id)
        .toArray()[0] ?? UNKNOWN
    );
  }

  /** A row stays when it says `none`: by its version an older change that comes late is known. */
  putStanding({ user_id, status, version }: FriendChange): void {
    this.#sql.exec(
      `INSERT INTO friends (user_id, status, version) VALUES (?, ?, ?)
       ON CONFLICT (user_id) DO UPDATE SET status = excluded.status, version = excluded.version`,
      user_id,
      status,
      version,
    );
  }

  friendIds(limit: number): string[] {
    return this.#sql
      .exec<{ user_id: string }>(
        "SELECT user_id FROM friends WHERE status = 'friends' ORDER BY user_id LIMIT ?",
        limit,
      )
      .toArray()
      .map(({ user_id }) => user_id);
  }

  announced(): Announced {
    return (
      this.#sql
        .exec<{ [K in keyof Announced]: Announced[K] }>("SELECT status, status_text FROM announced")
        .toArray()[0] ?? NOTHING_SAID
    );
  }

  putAnnounced({ status, status_text }: Announced): void {
    this.#sql.exec(
      `INSERT INTO announced (id, status, status_text) VALUES (1, ?, ?)
       ON CONFLICT (id) DO UPDATE SET status = excluded.status, status_text = excluded.status_text`,
      status,
      status_text,
    );
  }

  privacy(): Privacy {
    this.#privacy ??= this.#readPrivacy();
    return this.#privacy;
  }

  /** An older version that comes late changes nothing. */
  putPrivacy({ read_receipts, last_seen, who_may_write }: Privacy, version: number): void {
    this.#privacy = null;
    this.#sql.exec(
      `INSERT INTO privacy (id, read_receipts, last_seen, who_may_write, version) VALUES (1, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET read_receipts = excluded.read_receipts, last_seen = excluded.last_seen,
         who_may_write = excluded.who_may_write, version = excluded.version
       WHERE excluded.version > version`,
      read_receipts ? 1 : 0,
      last_seen,
      who_may_write,
      version,
    );
  }

  #readPrivacy(): Privacy {
    const [row] = this.#sql
      .exec<PrivacyRecord>("SELECT read_receipts, last_seen, who_may_write FROM privacy")
      .toArray();
    return row ? { ...row, read_receipts: row.read_receipts === 1 } : DEFAULT_PRIVACY;
  }
}
