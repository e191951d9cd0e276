import type { Identity } from "../../domain/identity.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";

/** Longer than any access token lives: after this a revoked session needs no remembering (SEC-1). */
const REMEMBER_REVOKED_MS = 24 * 60 * 60 * 1000;

/** A socket that has reached its lifetime is closed by an alarm, so much later at most. */
const CLOSING_MS = 60 * 60 * 1000;

/** A conversation that must close the sockets of an ended session. */
export type Closing = { conversation_id: string; session_id: string; close_code: number };

type TicketRow = { session_id: string; device_id: string; expires_at: number };

/** Which of a user's sessions have ended, which tickets are out, and where its conversation sockets are. */
export class Sessions {
  readonly #sql: SqlStorage;
  readonly #socket_lifetime_ms: number;
  /** Rebuilt from `revoked_sessions`. */
  readonly #revoked: Set<string>;

  constructor(sql: SqlStorage, socket_lifetime_ms: number) {
    this.#sql = sql;
    this.#socket_lifetime_ms = socket_lifetime_ms;
    const rows = sql.exec<{ session_id: string }>("SELECT session_id FROM revoked_sessions").toArray();
    this.#revoked = new Set(rows.map(({ session_id }) => session_id));
  }

  refuse(session_id: string): Refusal | null {
    return this.#revoked.has(session_id) ? refusal("session_revoked") : null;
  }

  /** Ends sessions for good. */
  revoke(session_ids: readonly string[], close_code: number, now: number): void {
    const list = JSON.stringify(session_ids);
    this.#sql.exec("DELETE FROM revoked_sessions WHERE until <= ?", now);
    this.#sql.exec(
      `INSERT OR REPLACE INTO revoked_sessions (session_id, close_code, until)
       SELECT value, ?, ? FROM json_each(?)`,
      close_code,
      now + REMEMBER_REVOKED_MS,
      list,
    );
    this.#sql.exec("DELETE FROM tickets WHERE session_id IN (SELECT value FROM json_each(?))", list);
    this.#forgetClosedSockets(now);
    for (const session_id of session_ids) this.#revoked.add(session_id);
  }

  /** The conversations that do not know yet that a session of theirs has ended. */
  owedClosings(now: number): Closing[] {
    this.#forgetClosedSockets(now);
    return this.#sql
      .exec<Closing>(
        `SELECT conversation_id, session_id, close_code
         FROM conversation_sockets JOIN revoked_sessions USING (session_id)`,
      )
      .toArray();
  }

  /** A conversation has closed the sockets of an ended session. */
  closed({ session_id, conversation_id }: Closing): void {
    this.#sql.exec(
      "DELETE FROM conversation_sockets WHERE session_id = ? AND conversation_id = ?",
      session_id,
      conversation_id,
    );
  }

  /**
   * Remembers where a session may have a socket, so that its end reaches there. Of what is known, the time is written only
   * once in the lifetime of a socket: whoever comes and goes costs no row.
   */
  opensConversation(session_id: string, conversation_id: string, now: number): void {
    this.#forgetClosedSockets(now);
    this.#sql.exec(
      `INSERT INTO conversation_sockets (session_id, conversation_id, opened_at) VALUES (?, ?, ?)
       ON CONFLICT (session_id, conversation_id) DO UPDATE SET opened_at = excluded.opened_at
       WHERE opened_at <= excluded.opened_at - ?`,
      session_id,
      conversation_id,
      now,
      this.#socket_lifetime_ms,
    );
  }

  /** Where sessions may have a socket. */
  openedConversations(now: number): string[] {
    this.#forgetClosedSockets(now);
    return this.#sql
      .exec<{ conversation_id: string }>("SELECT DISTINCT conversation_id FROM conversation_sockets")
      .toArray()
      .map(({ conversation_id }) => conversation_id);
  }

  putTicket(ticket_hash: string, identity: Identity, expires_at: number, now: number): void {
    this.#sql.exec("DELETE FROM tickets WHERE expires_at <= ?", now);
    this.#sql.exec(
      "INSERT INTO tickets (ticket_hash, session_id, device_id, expires_at) VALUES (?, ?, ?, ?)",
      ticket_hash,
      identity.session_id,
      identity.device_id,
      expires_at,
    );
  }

  /** Uses a ticket up; null if it is unknown, used or expired. */
  takeTicket(ticket_hash: string, now: number): { session_id: string; device_id: string } | null {
    const ticket = this.#sql
      .exec<TicketRow>(
        "DELETE FROM tickets WHERE ticket_hash = ? RETURNING session_id, device_id, expires_at",
        ticket_hash,
      )
      .toArray()[0];
    if (!ticket || ticket.expires_at <= now) return null;
    return { session_id: ticket.session_id, device_id: ticket.device_id };
  }

  /** The last socket behind a row was opened up to one lifetime after the time in it, and has ended one lifetime later. */
  #forgetClosedSockets(now: number): void {
    const since = now - 2 * this.#socket_lifetime_ms - CLOSING_MS;
    this.#sql.exec("DELETE FROM conversation_sockets WHERE opened_at < ?", since);
  }
}
