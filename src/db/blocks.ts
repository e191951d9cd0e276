import { and, desc, eq, or, sql } from "drizzle-orm";
import type { Pair } from "../domain/friendship.ts";
import type { Database } from "./client.ts";
import { endPair, selectPair } from "./pairs.ts";
import { blocks, users } from "./schema.ts";
import { isAfter, type TimeKey } from "./time-key.ts";
import type { UserRow } from "./users.ts";

/**
 * Has a user block another, and ends what was between them, in one transaction. Answers how the pair stands then (null if
 * there never was anything), or "unknown" if there is no such user. Again is fine.
 */
export async function insertBlock(
  db: Database,
  user_id: string,
  blocked_id: string,
  now: number,
): Promise<Pair | null | "unknown"> {
  const [, , pairs, known] = await db.batch([
    db
      .insert(blocks)
      .select(sql`SELECT ${user_id}, user_id, ${now} FROM users WHERE user_id = ${blocked_id}`)
      .onConflictDoNothing(),
    endPair(db, user_id, blocked_id, now),
    selectPair(db, user_id, blocked_id),
    db.select({ user_id: users.user_id }).from(users).where(eq(users.user_id, blocked_id)),
  ]);
  return known.length === 0 ? "unknown" : (pairs[0] ?? null);
}

export async function deleteBlock(db: Database, user_id: string, blocked_id: string): Promise<void> {
  await db.delete(blocks).where(and(eq(blocks.user_id, user_id), eq(blocks.blocked_id, blocked_id)));
}

/** Which of two users have blocked the other. */
export async function blockersAmong(db: Database, user_id: string, other_id: string): Promise<Set<string>> {
  const rows = await selectBlocks(db, user_id, [other_id]);
  return new Set(rows.map((block) => block.user_id));
}

/** Which of `others` have blocked `user_id`, or are blocked by it. */
export async function blockedAmong(
  db: Database,
  user_id: string,
  others: readonly string[],
): Promise<Set<string>> {
  const rows = await selectBlocks(db, user_id, others);
  return new Set(rows.map((block) => (block.user_id === user_id ? block.blocked_id : block.user_id)));
}

/** One JSON parameter, since a statement takes 100. */
function selectBlocks(db: Database, user_id: string, others: readonly string[]) {
  const given = sql`(SELECT value FROM json_each(${JSON.stringify(others)}))`;
  return db
    .select()
    .from(blocks)
    .where(
      or(
        and(eq(blocks.user_id, user_id), sql`${blocks.blocked_id} IN ${given}`),
        and(eq(blocks.blocked_id, user_id), sql`${blocks.user_id} IN ${given}`),
      ),
    );
}

/** Whom a user has blocked: the newest first, after the one that `after` names. */
export function listBlocks(
  db: Database,
  user_id: string,
  after: TimeKey | null,
  limit: number,
): Promise<{ user: UserRow; created_at: number }[]> {
  return db
    .select({ user: users, created_at: blocks.created_at })
    .from(blocks)
    .innerJoin(users, eq(users.user_id, blocks.blocked_id))
    .where(
      and(
        eq(blocks.user_id, user_id),
        after === null ? undefined : isAfter(blocks.created_at, blocks.blocked_id, after),
      ),
    )
    .orderBy(desc(blocks.created_at), desc(blocks.blocked_id))
    .limit(limit);
}
