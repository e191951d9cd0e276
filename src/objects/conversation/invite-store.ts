import type { InviteTerms } from "../../domain/invites.ts";

/** An invitation as it is kept: `secret` is the part of its code that only its holders know. */
export interface InviteRecord extends InviteTerms {
  readonly secret: string;
  readonly created_by: string;
  readonly created_at: number;
}

type InviteRow = {
  secret: string;
  created_by: string;
  created_at: number;
  expires_at: number | null;
  max_uses: number | null;
  uses: number;
  revoked: number;
};

const COLUMNS = "secret, created_by, created_at, expires_at, max_uses, uses, revoked";

/** The invitations to one group. All calls are synchronous. */
export class InviteStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  insert(invite: InviteRecord): void {
    this.#sql.exec(
      `INSERT INTO invites (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      invite.secret,
      invite.created_by,
      invite.created_at,
      invite.expires_at,
      invite.max_uses,
      invite.uses,
      invite.revoked ? 1 : 0,
    );
  }

  get(secret: string): InviteRecord | null {
    return this.#many("WHERE secret = ?", secret)[0] ?? null;
  }

  /** The newest first. */
  list(): InviteRecord[] {
    return this.#many("ORDER BY created_at DESC, secret");
  }

  use(secret: string): void {
    this.#sql.exec("UPDATE invites SET uses = uses + 1 WHERE secret = ?", secret);
  }

  revoke(secret: string): void {
    this.#sql.exec("UPDATE invites SET revoked = 1 WHERE secret = ? AND revoked = 0", secret);
  }

  delete(secrets: readonly string[]): void {
    this.#sql.exec(
      "DELETE FROM invites WHERE secret IN (SELECT value FROM json_each(?))",
      JSON.stringify(secrets),
    );
  }

  #many(where: string, ...bindings: SqlStorageValue[]): InviteRecord[] {
    return this.#sql
      .exec<InviteRow>(`SELECT ${COLUMNS} FROM invites ${where}`, ...bindings)
      .toArray()
      .map((row) => ({ ...row, revoked: row.revoked === 1 }));
  }
}
