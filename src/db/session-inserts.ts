import type { Platform } from "../protocol/session.ts";
import type { Database } from "./client.ts";
import { refreshTokens, sessions } from "./schema.ts";

/** A session with its first refresh token, of which only the hash is stored. */
export interface NewSession {
  readonly session_id: string;
  readonly user_id: string;
  readonly device_id: string;
  readonly platform: Platform | null;
  readonly name: string | null;
  readonly token_hash: string;
  readonly created_at: number;
  readonly expires_at: number;
}

/** The statements that store a session, to be part of a batch. */
export function sessionInserts(db: Database, session: NewSession) {
  const { token_hash, ...row } = session;
  const { session_id, expires_at } = session;
  return [
    db.insert(sessions).values({ ...row, last_used_at: session.created_at }),
    db.insert(refreshTokens).values({ hash: token_hash, session_id, expires_at }),
  ] as const;
}
