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
];
