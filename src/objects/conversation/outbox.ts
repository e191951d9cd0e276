import { z } from "zod";
import { backoffDelay, isDead } from "../../domain/backoff.ts";
import type { DirectoryChange } from "../../domain/directory.ts";
import { log } from "../../observability/log.ts";
import { conversationTypeSchema } from "../../protocol/conversation.ts";
import { conversationIdSchema, timestampSchema, userIdSchema } from "../../protocol/ids.ts";
import { roleSchema } from "../../protocol/roles.ts";
import { withTimeLimit } from "../runtime/time-limit.ts";
import type { DeadLetter } from "./rpc.ts";

const directoryChangeSchema: z.ZodType<DirectoryChange> = z.object({
  conversation_id: conversationIdSchema,
  type: conversationTypeSchema,
  name: z.string().nullable(),
  created_by: userIdSchema,
  created_at: timestampSchema,
  version: z.number().int(),
  members: z.array(z.object({ user_id: userIdSchema, role: roleSchema, joined_at: timestampSchema })),
});

/** A crash in the middle of publishing must not leave the rows without an alarm. */
const LOOK_AGAIN_MS = 30_000;

type OutboxRow = { id: number; body: string; attempts: number };

/**
 * What the conversation owes D1, oldest first. A row is written in the transaction of the change that it reports, and
 * deleted once published; D1 may be down meanwhile. What fails too often stays as a dead letter until it is replayed.
 */
export class Outbox {
  readonly #sql: SqlStorage;
  readonly #publish: (change: DirectoryChange) => Promise<void>;
  #draining = false;
  /** When the next row is due; undefined: to be read from the table. */
  #due_at: number | null | undefined;

  constructor(sql: SqlStorage, publish: (change: DirectoryChange) => Promise<void>) {
    this.#sql = sql;
    this.#publish = publish;
  }

  /** A change says all there is to say: what is still on its way need not arrive. */
  enqueue(change: DirectoryChange, now: number): void {
    // Written before the others go: one of them may be under way, and its id must not be taken for this one's.
    const { id } = this.#sql
      .exec<{ id: number }>(
        "INSERT INTO outbox (body, attempts, due_at, dead, error) VALUES (?, 0, ?, 0, '') RETURNING id",
        JSON.stringify(change),
        now,
      )
      .one();
    this.#sql.exec("DELETE FROM outbox WHERE id <> ?", id);
    this.#due_at = undefined;
  }

  /** When the next row is due (Unix ms); null if there is none. While one is under way, when to look whether it got there. */
  dueAt(now: number): number | null {
    if (this.#draining) return now + LOOK_AGAIN_MS;
    this.#due_at ??= this.#sql
      .exec<{ due_at: number | null }>("SELECT min(due_at) AS due_at FROM outbox WHERE dead = 0")
      .one().due_at;
    return this.#due_at;
  }

  /** Publishes what is due, in order, and stops at the first failure. */
  async drain(now: () => number): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let row = this.#nextDue(now()); row; row = this.#nextDue(now())) {
        if (!(await this.#attempt(row, now))) return;
      }
    } finally {
      this.#draining = false;
      this.#due_at = undefined;
    }
  }

  async #attempt(row: OutboxRow, now: () => number): Promise<boolean> {
    try {
      const change = directoryChangeSchema.parse(JSON.parse(row.body));
      await withTimeLimit(this.#publish(change));
      this.#sql.exec("DELETE FROM outbox WHERE id = ?", row.id);
      return true;
    } catch (error) {
      this.#failed(row, now(), error);
      return false;
    }
  }

  #failed(row: OutboxRow, now: number, error: unknown): void {
    const attempts = row.attempts + 1;
    const dead = isDead(attempts);
    log(dead ? "error" : "warn", "directory change not published", { attempts, dead, error: String(error) });
    this.#sql.exec(
      "UPDATE outbox SET attempts = ?, due_at = ?, dead = ?, error = ? WHERE id = ?",
      attempts,
      now + backoffDelay(attempts),
      dead ? 1 : 0,
      String(error).slice(0, 500),
      row.id,
    );
  }

  #nextDue(now: number): OutboxRow | null {
    return (
      this.#sql
        .exec<OutboxRow>(
          "SELECT id, body, attempts FROM outbox WHERE dead = 0 AND due_at <= ? ORDER BY id LIMIT 1",
          now,
        )
        .toArray()[0] ?? null
    );
  }

  deadLetters(): DeadLetter[] {
    return this.#sql
      .exec<{ id: number; attempts: number; error: string }>(
        "SELECT id, attempts, error FROM outbox WHERE dead = 1 ORDER BY id",
      )
      .toArray();
  }

  /** Makes the dead letters due again; answers how many there were. */
  replay(now: number): number {
    this.#due_at = undefined;
    return this.#sql.exec("UPDATE outbox SET dead = 0, attempts = 0, due_at = ? WHERE dead = 1", now)
      .rowsWritten;
  }
}
