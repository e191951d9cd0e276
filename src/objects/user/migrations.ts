import type { Migration } from "../runtime/migrations.ts";

export const userMigrations: readonly Migration[] = [
  {
    name: "0001_inbox",
    sql: `
      CREATE TABLE user (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        status_text TEXT NOT NULL,
        last_seen_at INTEGER
      ) STRICT;
      INSERT INTO user (id, status_text, last_seen_at) VALUES (1, '', NULL);
      CREATE TABLE devices (
        device_id TEXT PRIMARY KEY,
        platform TEXT,
        used_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE revoked_sessions (
        session_id TEXT PRIMARY KEY,
        close_code INTEGER NOT NULL,
        until INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE tickets (
        ticket_hash TEXT PRIMARY KEY,
        session_id TEXT NOT NULL,
        device_id TEXT NOT NULL,
        expires_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE conversation_sockets (
        session_id TEXT NOT NULL,
        conversation_id TEXT NOT NULL,
        PRIMARY KEY (session_id, conversation_id)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE inbox (
        conversation_id TEXT PRIMARY KEY,
        type TEXT NOT NULL CHECK (type IN ('one_on_one', 'group')),
        name TEXT,
        avatar_url TEXT,
        peer_id TEXT,
        last_message TEXT,
        head_seq INTEGER NOT NULL,
        counted_seq INTEGER NOT NULL,
        read_seq INTEGER NOT NULL,
        delivered_seq INTEGER NOT NULL,
        unread_count INTEGER NOT NULL CHECK (unread_count >= 0),
        muted_until INTEGER,
        notifications TEXT NOT NULL CHECK (notifications IN ('all', 'mentions', 'none')),
        pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)),
        archived INTEGER NOT NULL CHECK (archived IN (0, 1)),
        positions TEXT NOT NULL,
        quota TEXT NOT NULL,
        updated_at INTEGER NOT NULL,
        sync_id INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: "0002_delivered_at",
    sql: "ALTER TABLE inbox ADD COLUMN delivered_at INTEGER NOT NULL DEFAULT 0;",
  },
  {
    name: "0003_generation",
    sql: `
      ALTER TABLE user ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE user ADD COLUMN restored_sync_id INTEGER NOT NULL DEFAULT 0;
    `,
  },
  {
    name: "0004_friends",
    sql: `
      CREATE TABLE friends (
        user_id TEXT PRIMARY KEY,
        status TEXT NOT NULL CHECK (status IN ('none', 'incoming', 'outgoing', 'friends')),
        version INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE announced (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        status TEXT NOT NULL CHECK (status IN ('online', 'away', 'busy', 'offline')),
        status_text TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    name: "0005_privacy",
    sql: `
      CREATE TABLE privacy (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        read_receipts INTEGER NOT NULL CHECK (read_receipts IN (0, 1)),
        last_seen TEXT NOT NULL CHECK (last_seen IN ('friends', 'nobody')),
        who_may_write TEXT NOT NULL CHECK (who_may_write IN ('everyone', 'requests', 'friends')),
        version INTEGER NOT NULL
      ) STRICT;
    `,
  },
  {
    name: "0006_inbox",
    sql: `
      ALTER TABLE inbox ADD COLUMN mention_count INTEGER NOT NULL DEFAULT 0 CHECK (mention_count >= 0);
      ALTER TABLE inbox ADD COLUMN marked_unread INTEGER NOT NULL DEFAULT 0 CHECK (marked_unread IN (0, 1));
      ALTER TABLE inbox ADD COLUMN is_request INTEGER NOT NULL DEFAULT 0 CHECK (is_request IN (0, 1));
      ALTER TABLE inbox ADD COLUMN left_seq INTEGER;
    `,
  },
  {
    name: "0007_hidden",
    sql: `
      ALTER TABLE inbox ADD COLUMN hidden_count INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE inbox ADD COLUMN hidden_seqs TEXT NOT NULL DEFAULT '[]';
      CREATE TABLE hidden (
        conversation_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        message_id TEXT NOT NULL,
        sync_id INTEGER NOT NULL,
        PRIMARY KEY (conversation_id, seq)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: "0008_known_since",
    sql: "ALTER TABLE devices ADD COLUMN known_since INTEGER NOT NULL DEFAULT 0;",
  },
  {
    name: "0009_opened_at",
    sql: `
      ALTER TABLE conversation_sockets ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0;
      UPDATE conversation_sockets SET opened_at = unixepoch() * 1000;
    `,
  },
  {
    name: "0010_generation_by_sync_id",
    sql: `
      ALTER TABLE user DROP COLUMN generation;
      ALTER TABLE user DROP COLUMN restored_sync_id;
    `,
  },
];
