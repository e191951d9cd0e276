import { and, eq, ne, type SQL, sql } from "drizzle-orm";
import { inOrder } from "../domain/friendship.ts";
import type { Database } from "./client.ts";
import { friendships } from "./schema.ts";

/** The row of a pair, whoever of the two asks. */
export function isPair(user_id: string, other_id: string): SQL | undefined {
  const [first_id, second_id] = inOrder(user_id, other_id);
  return and(eq(friendships.first_id, first_id), eq(friendships.second_id, second_id));
}

/** How a pair stands; no row if there never was anything between them. */
export function selectPair(db: Database, user_id: string, other_id: string) {
  const { state, requested_by, since, version } = friendships;
  return db
    .select({ state, requested_by, since, version })
    .from(friendships)
    .where(isPair(user_id, other_id));
}

/** Ends a friendship, or a request of either; changes nothing where there is none. */
export function endPair(db: Database, user_id: string, other_id: string, now: number) {
  return db
    .update(friendships)
    .set({ state: "none", since: now, version: sql`${friendships.version} + 1` })
    .where(and(isPair(user_id, other_id), ne(friendships.state, "none")));
}

/** Whether one of the two has blocked the other. Names no column from outside, so that it can stand anywhere. */
export function isBlockBetween(user_id: string, other_id: string): SQL<boolean> {
  return sql`EXISTS (SELECT 1 FROM blocks WHERE (user_id = ${user_id} AND blocked_id = ${other_id})
    OR (user_id = ${other_id} AND blocked_id = ${user_id}))`.mapWith(Boolean);
}

/**
 * Whether the user of a row of `users` has blocked `viewer_id`. Says in so many words whose column it means: among the fields of
 * a select, Drizzle would leave the table out.
 */
export function hidesFrom(viewer_id: string): SQL<boolean> {
  return sql`EXISTS (SELECT 1 FROM blocks
    WHERE blocks.user_id = users.user_id AND blocked_id = ${viewer_id})`.mapWith(Boolean);
}

/** Whether the two are friends. */
export function isFriendship(user_id: string, other_id: string): SQL<boolean> {
  const [first_id, second_id] = inOrder(user_id, other_id);
  return sql`EXISTS (SELECT 1 FROM friendships
    WHERE first_id = ${first_id} AND second_id = ${second_id} AND state = 'friends')`.mapWith(Boolean);
}
