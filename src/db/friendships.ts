import { and, desc, eq, ne, or, type SQL, sql } from "drizzle-orm";
import { inOrder, type Pair } from "../domain/friendship.ts";
import { accepted, type Result, refused } from "../domain/result.ts";
import { refusal } from "../protocol/errors.ts";
import type { ListedStatus } from "../protocol/friend.ts";
import type { Database } from "./client.ts";
import { endPair, isBlockBetween, isPair, selectPair } from "./pairs.ts";
import { friendships, users } from "./schema.ts";
import { isAfter, type TimeKey } from "./time-key.ts";
import type { UserRow } from "./users.ts";

/**
 * Asks for a friendship. Where the other has asked already, both are friends: of two who ask each other at once, the second
 * statement finds the first. `changed`: false if it stood so before.
 */
export async function requestFriendship(
  db: Database,
  user_id: string,
  other_id: string,
  now: number,
): Promise<Result<{ user: UserRow; pair: Pair; changed: boolean }>> {
  const [first_id, second_id] = inOrder(user_id, other_id);
  const isFree = sql`${friendships.state} = 'none'`;
  const [changed, pairs, others] = await db.batch([
    db
      .insert(friendships)
      .select(
        sql`SELECT ${first_id}, ${second_id}, 'pending', ${user_id}, ${now}, 1 FROM users
            WHERE user_id = ${other_id} AND NOT ${isBlockBetween(user_id, other_id)}`,
      )
      .onConflictDoUpdate({
        target: [friendships.first_id, friendships.second_id],
        set: {
          state: sql`CASE WHEN ${isFree} THEN 'pending' ELSE 'friends' END`,
          requested_by: sql`CASE WHEN ${isFree} THEN excluded.requested_by ELSE ${friendships.requested_by} END`,
          since: sql`excluded.since`,
          version: sql`${friendships.version} + 1`,
        },
        setWhere: sql`${isFree} OR (${friendships.state} = 'pending' AND ${friendships.requested_by} <> excluded.requested_by)`,
      })
      .returning({ version: friendships.version }),
    selectPair(db, user_id, other_id),
    db.select().from(users).where(eq(users.user_id, other_id)),
  ]);
  const [user] = others;
  const [pair] = pairs;
  if (!user) return refused(refusal("not_found", "There is no such user"));
  // The statement passes a user by for no other reason.
  if (!pair || pair.state === "none") return refused(refusal("blocked"));
  return accepted({ user, pair, changed: changed.length > 0 });
}

/** Accepts the other's request, and answers how the pair stands then. A request that is gone is not brought back. */
export async function acceptFriendship(
  db: Database,
  user_id: string,
  other_id: string,
  now: number,
): Promise<{ user: UserRow; pair: Pair } | null> {
  const [, pairs, others] = await db.batch([
    db
      .update(friendships)
      .set({ state: "friends", since: now, version: sql`${friendships.version} + 1` })
      .where(
        and(
          isPair(user_id, other_id),
          eq(friendships.state, "pending"),
          eq(friendships.requested_by, other_id),
        ),
      ),
    selectPair(db, user_id, other_id),
    db.select().from(users).where(eq(users.user_id, other_id)),
  ]);
  const [pair] = pairs;
  const [user] = others;
  return pair && user ? { user, pair } : null;
}

/** Removes a friend, takes back a request, or declines one; answers how the pair stands then, null if it never met. */
export async function endFriendship(
  db: Database,
  user_id: string,
  other_id: string,
  now: number,
): Promise<Pair | null> {
  const [, pairs] = await db.batch([endPair(db, user_id, other_id, now), selectPair(db, user_id, other_id)]);
  return pairs[0] ?? null;
}

/** The friends of a user, or the requests it got or made: the newest first, after the one that `after` names. */
export function listFriends(
  db: Database,
  user_id: string,
  status: ListedStatus,
  after: TimeKey | null,
  limit: number,
): Promise<{ user: UserRow; since: number }[]> {
  const { first_id, second_id } = friendships;
  const other_id = sql`CASE WHEN ${first_id} = ${user_id} THEN ${second_id} ELSE ${first_id} END`;
  return db
    .select({ user: users, since: friendships.since })
    .from(friendships)
    .innerJoin(users, eq(users.user_id, other_id))
    .where(
      and(
        or(eq(first_id, user_id), eq(second_id, user_id)),
        hasStatus(user_id, status),
        after === null ? undefined : isAfter(friendships.since, users.user_id, after),
      ),
    )
    .orderBy(desc(friendships.since), desc(users.user_id))
    .limit(limit);
}

function hasStatus(user_id: string, status: ListedStatus): SQL | undefined {
  const { state, requested_by } = friendships;
  if (status === "friends") return eq(state, "friends");
  const isOwn = status === "outgoing";
  return and(eq(state, "pending"), isOwn ? eq(requested_by, user_id) : ne(requested_by, user_id));
}
