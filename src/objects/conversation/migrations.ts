import type { Migration } from "../runtime/migrations.ts";

export const conversationMigrations: readonly Migration[] = [
  {
    name: "0001_log",
    sql: `
      CREATE TABLE conversation (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        conversation_id TEXT NOT NULL,
        type TEXT NOT NULL CHECK (type IN ('one_on_one', 'group')),
        name TEXT,
        description TEXT,
        avatar_url TEXT,
        created_by TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        version INTEGER NOT NULL,
        settled_seq INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE members (
        user_id TEXT PRIMARY KEY,
        role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
        joined_seq INTEGER NOT NULL,
        joined_at INTEGER NOT NULL,
        delivered_seq INTEGER NOT NULL,
        delivered_at INTEGER NOT NULL,
        read_seq INTEGER NOT NULL,
        read_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE entries (
        seq INTEGER PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('message')),
        message_id TEXT NOT NULL,
        sender_id TEXT NOT NULL,
        client_message_id TEXT,
        content TEXT NOT NULL,
        reply_to_seq INTEGER,
        metadata TEXT,
        created_at INTEGER NOT NULL,
        edited_at INTEGER,
        deleted_at INTEGER
      ) STRICT;
      CREATE UNIQUE INDEX entries_by_client_message_id ON entries (sender_id, client_message_id)
        WHERE client_message_id IS NOT NULL;
      CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        body TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        dead INTEGER NOT NULL CHECK (dead IN (0, 1)),
        error TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    name: "0002_delivered",
    sql: `ALTER TABLE conversation ADD COLUMN delivered TEXT NOT NULL DEFAULT '[]';`,
  },
  {
    name: "0003_blocks",
    sql: "CREATE TABLE blocks (user_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;",
  },
  {
    // Which kinds of entries there are is for the code to say: SQLite cannot change a CHECK.
    name: "0004_changes",
    sql: `
      CREATE TABLE new_entries (
        seq INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        message_id TEXT NOT NULL,
        sender_id TEXT NOT NULL,
        client_message_id TEXT,
        content TEXT NOT NULL,
        reply_to_seq INTEGER,
        metadata TEXT,
        created_at INTEGER NOT NULL,
        edited_at INTEGER,
        deleted_at INTEGER,
        pinned_at INTEGER,
        target_seq INTEGER,
        extra TEXT
      ) STRICT;
      INSERT INTO new_entries (seq, kind, message_id, sender_id, client_message_id, content, reply_to_seq, metadata,
          created_at, edited_at, deleted_at)
        SELECT seq, kind, message_id, sender_id, client_message_id, content, reply_to_seq, metadata, created_at,
          edited_at, deleted_at FROM entries;
      DROP TABLE entries;
      ALTER TABLE new_entries RENAME TO entries;
      CREATE UNIQUE INDEX entries_by_client_message_id ON entries (sender_id, client_message_id)
        WHERE client_message_id IS NOT NULL;
      CREATE INDEX entries_pinned ON entries (pinned_at) WHERE pinned_at IS NOT NULL;
      CREATE TABLE reactions (
        seq INTEGER NOT NULL,
        user_id TEXT NOT NULL,
        emoji TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (seq, user_id, emoji)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: "0005_membership",
    sql: `
      ALTER TABLE conversation ADD COLUMN history_visible INTEGER NOT NULL DEFAULT 0
        CHECK (history_visible IN (0, 1));
      ALTER TABLE members ADD COLUMN username TEXT NOT NULL DEFAULT '';
      ALTER TABLE members ADD COLUMN left_seq INTEGER;
      ALTER TABLE members ADD COLUMN left_told INTEGER NOT NULL DEFAULT 0 CHECK (left_told IN (0, 1));
      CREATE TABLE invites (
        secret TEXT PRIMARY KEY,
        created_by TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        max_uses INTEGER,
        uses INTEGER NOT NULL,
        revoked INTEGER NOT NULL CHECK (revoked IN (0, 1))
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: "0006_requests",
    sql: "CREATE TABLE requests (user_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;",
  },
  {
    name: "0007_hidden",
    sql: `
      CREATE TABLE hidden (
        seq INTEGER NOT NULL,
        user_id TEXT NOT NULL,
        place INTEGER NOT NULL,
        PRIMARY KEY (seq, user_id)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: "0006_receipts",
    sql: `
      CREATE TABLE discreet (
        user_id TEXT PRIMARY KEY,
        shown_read_seq INTEGER NOT NULL,
        is_off INTEGER NOT NULL CHECK (is_off IN (0, 1))
      ) STRICT, WITHOUT ROWID;
    `,
  },
];
