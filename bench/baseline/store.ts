import { DatabaseSync } from "node:sqlite";
import { v7 as newId } from "uuid";
import type { Message } from "../../src/protocol/message.ts";
import type { Draft } from "./frames.ts";

/** Messages in one SQLite file; what `append` returns is on disk. */
export class MessageStore {
  readonly #db: DatabaseSync;
  readonly #insert;
  readonly #heads = new Map<string, number>();
  readonly #members = new Map<string, readonly string[]>();

  constructor(file: string) {
    this.#db = new DatabaseSync(file);
    // FULL: every commit is an fsync, as every commit of UIM's objects is.
    this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    this.#db.exec(`CREATE TABLE messages (
      conversation_id TEXT NOT NULL,
      seq INTEGER NOT NULL,
      message_id TEXT NOT NULL,
      sender_id TEXT NOT NULL,
      client_message_id TEXT NOT NULL,
      content TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      PRIMARY KEY (conversation_id, seq),
      UNIQUE (conversation_id, sender_id, client_message_id)
    ) STRICT, WITHOUT ROWID`);
    this.#insert = this.#db.prepare("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)");
  }

  addConversations(conversations: Readonly<Record<string, readonly string[]>>): void {
    for (const [conversation_id, user_ids] of Object.entries(conversations))
      this.#members.set(conversation_id, user_ids);
  }

  members(conversation_id: string): readonly string[] {
    return this.#members.get(conversation_id) ?? [];
  }

  append(sender_id: string, { conversation_id, client_message_id, content }: Draft): Message {
    const seq = (this.#heads.get(conversation_id) ?? 0) + 1;
    const message_id = newId();
    const created_at = Date.now();
    this.#insert.run(conversation_id, seq, message_id, sender_id, client_message_id, content, created_at);
    this.#heads.set(conversation_id, seq);
    return {
      message_id,
      conversation_id,
      seq,
      sender_id,
      message_type: "text",
      content,
      client_message_id,
      reply_to_seq: null,
      metadata: null,
      created_at,
      edited_at: null,
      deleted_at: null,
      reactions: [],
    };
  }
}
