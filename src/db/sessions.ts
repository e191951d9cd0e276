import { and, desc, eq, exists, gt, isNull, lt, ne, or, sql } from "drizzle-orm";
import { accepted, type Result, refused } from "../domain/result.ts";
import { refusal } from "../protocol/errors.ts";
import type { Database } from "./client.ts";
import { refreshTokens, sessions, users } from "./schema.ts";
import type { NewSession } from "./session-inserts.ts";
import { findUser, type UserRow } from "./users.ts";

export type SessionRow = typeof sessions.$inferSelect;

/**
 * Stores a session and its refresh token if `password_hash`, which the user proved to know, is still the user's and the
 * user is not suspended; false if not. A password change that comes later finds the session, and ends it (SEC-1).
 */
export async function insertSession(
  db: Database,
  session: NewSession,
  password_hash: string,
): Promise<boolean> {
  const { session_id, user_id, device_id, platform, name, token_hash, created_at, expires_at } = session;
  const [stored] = await db.batch([
    db
      .insert(sessions)
      .select(
        sql`SELECT ${session_id}, user_id, ${device_id}, ${platform}, ${name}, ${created_at}, ${created_at},
            ${expires_at}, NULL FROM users
            WHERE user_id = ${user_id} AND password_hash = ${password_hash} AND suspended_at IS NULL`,
      )
      .returning({ session_id: sessions.session_id }),
    db.insert(refreshTokens).select(
      sql`SELECT ${token_hash}, session_id, ${expires_at}, NULL, NULL FROM sessions
          WHERE session_id = ${session_id}`,
    ),
  ]);
  return stored.length > 0;
}

/** So long its device may present a used refresh token again: longer than an access token lives. */
const REPEAT_MS = 60 * 60_000;

/** The next life of a refresh token: its times become those of its session. */
export interface NextToken {
  readonly hash: string;
  readonly now: number;
  readonly expires_at: number;
}

type Rotated = Result<{ session: SessionRow; user: UserRow }>;

/**
 * Puts `next` in the place of `oldHash`, in one transaction: of several who come with the same token at once, one
 * gets a new one. The rest hold a copy of a used token, and so does a thief: their session ends (`refresh_reused`).
 */
export async function rotateRefreshToken(db: Database, oldHash: string, next: NextToken): Promise<Rotated> {
  const { hash, now } = next;
  const [, , updated] = await db.batch([
    db
      .update(refreshTokens)
      .set({ used_at: now, successor_hash: hash })
      .where(
        and(
          eq(refreshTokens.hash, oldHash),
          isNull(refreshTokens.used_at),
          gt(refreshTokens.expires_at, now),
          exists(livingSession(db)),
        ),
      ),
    insertSuccessor(db, oldHash, next),
    touchSession(db, next),
  ]);
  return rotated(db, updated, oldHash, now);
}

/**
 * The same for the session's own device that presents a used token once more: it has not got the answer, or it would have
 * used the token in it. That one is used up: if anybody has it after all, the session ends when it comes.
 */
export async function repeatRotation(
  db: Database,
  oldHash: string,
  device_id: string,
  next: NextToken,
): Promise<Rotated> {
  const { hash, now } = next;
  const unheard = sql`(SELECT old.successor_hash FROM refresh_tokens AS old JOIN sessions USING (session_id)
      WHERE old.hash = ${oldHash} AND old.used_at > ${now - REPEAT_MS} AND sessions.device_id = ${device_id})`;
  const [, , , updated] = await db.batch([
    db
      .update(refreshTokens)
      .set({ used_at: now })
      .where(and(eq(refreshTokens.hash, unheard), isNull(refreshTokens.used_at), exists(livingSession(db)))),
    db
      .update(refreshTokens)
      .set({ successor_hash: hash })
      .where(
        and(
          eq(refreshTokens.hash, oldHash),
          sql`EXISTS (SELECT 1 FROM refresh_tokens AS unheard
              WHERE unheard.hash = ${unheard} AND unheard.used_at = ${now} AND unheard.successor_hash IS NULL)`,
        ),
      ),
    insertSuccessor(db, oldHash, next),
    touchSession(db, next),
  ]);
  return rotated(db, updated, oldHash, now);
}

/** If the token of `oldHash` names `next` as its successor. */
function insertSuccessor(db: Database, oldHash: string, { hash, expires_at }: NextToken) {
  return db.insert(refreshTokens).select(
    sql`SELECT ${hash}, session_id, ${expires_at}, NULL, NULL FROM refresh_tokens
        WHERE hash = ${oldHash} AND successor_hash = ${hash}`,
  );
}

function touchSession(db: Database, { hash, now, expires_at }: NextToken) {
  return db
    .update(sessions)
    .set({ last_used_at: now, expires_at })
    .where(sql`${sessions.session_id} = (SELECT session_id FROM refresh_tokens WHERE hash = ${hash})`)
    .returning();
}

async function rotated(
  db: Database,
  [session]: readonly SessionRow[],
  oldHash: string,
  now: number,
): Promise<Rotated> {
  if (!session) return refuseRefresh(db, oldHash, now);
  const user = await findUser(db, session.user_id);
  return user ? accepted({ session, user }) : refused(refusal("unauthenticated"));
}

/** The session of the refresh token at hand, unless it has ended or its user is suspended. */
function livingSession(db: Database) {
  return db
    .select({ one: sql`1` })
    .from(sessions)
    .innerJoin(users, eq(users.user_id, sessions.user_id))
    .where(
      and(
        eq(sessions.session_id, refreshTokens.session_id),
        isNull(sessions.ended_at),
        isNull(users.suspended_at),
      ),
    );
}

async function refuseRefresh(db: Database, hash: string, now: number): Promise<Rotated> {
  const token = await findRefreshToken(db, hash);
  if (!token) return refused(refusal("unauthenticated", "The refresh token is unknown"));
  if (token.suspended_at !== null) return refused(refusal("account_suspended"));
  if (token.used_at !== null) return refused(refusal("refresh_reused"));
  if (token.ended_at !== null) return refused(refusal("session_revoked"));
  if (token.expires_at <= now) return refused(refusal("unauthenticated", "The refresh token has expired"));
  throw new Error("a refresh token that could be used was not");
}

/** A refresh token with what became of its session and user. */
export function findRefreshToken(db: Database, hash: string) {
  return db
    .select({
      user_id: sessions.user_id,
      session_id: sessions.session_id,
      expires_at: refreshTokens.expires_at,
      used_at: refreshTokens.used_at,
      ended_at: sessions.ended_at,
      suspended_at: users.suspended_at,
    })
    .from(refreshTokens)
    .innerJoin(sessions, eq(sessions.session_id, refreshTokens.session_id))
    .innerJoin(users, eq(users.user_id, sessions.user_id))
    .where(eq(refreshTokens.hash, hash))
    .get();
}

export function listSessions(db: Database, user_id: string, now: number): Promise<SessionRow[]> {
  return db
    .select()
    .from(sessions)
    .where(and(eq(sessions.user_id, user_id), isNull(sessions.ended_at), gt(sessions.expires_at, now)))
    .orderBy(desc(sessions.last_used_at));
}

/** Ends one session of a user; false if the user has no such session. Ending it again is fine. */
export async function endSession(
  db: Database,
  user_id: string,
  session_id: string,
  now: number,
): Promise<boolean> {
  const ended = await db
    .update(sessions)
    .set({ ended_at: sql`coalesce(${sessions.ended_at}, ${now})` })
    .where(and(eq(sessions.session_id, session_id), eq(sessions.user_id, user_id)))
    .returning({ session_id: sessions.session_id });
  return ended.length > 0;
}

/**
 * Ends every session of a user but `kept_id`; null: all of them. Returned are also those that ended since `ended_since`:
 * if a crash kept their objects from hearing of it, they hear of it now.
 */
export function endOtherSessions(
  db: Database,
  user_id: string,
  kept_id: string | null,
  now: number,
  ended_since: number = now,
) {
  return db
    .update(sessions)
    .set({ ended_at: sql`coalesce(${sessions.ended_at}, ${now})` })
    .where(
      and(
        eq(sessions.user_id, user_id),
        kept_id === null ? undefined : ne(sessions.session_id, kept_id),
        gt(sessions.expires_at, now),
        or(isNull(sessions.ended_at), gt(sessions.ended_at, ended_since)),
      ),
    )
    .returning({ session_id: sessions.session_id });
}

/** Deletes what can never be used again. Tokens first: they refer to their session. */
export async function purgeExpired(db: Database, now: number): Promise<void> {
  await db.batch([
    db.delete(refreshTokens).where(lt(refreshTokens.expires_at, now)),
    db.delete(sessions).where(lt(sessions.expires_at, now)),
  ]);
}
