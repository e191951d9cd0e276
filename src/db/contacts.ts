import { eq, sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { isBlockBetween, isFriendship } from "./pairs.ts";
import { users } from "./schema.ts";

/** Another user as `user_id` may meet it. `hides`: it has blocked `user_id`; `is_blocked`: one of the two has the other. */
export function findContact(db: Database, user_id: string, other_id: string) {
  return db
    .select({
      user: users,
      is_friend: isFriendship(user_id, other_id),
      is_blocked: isBlockBetween(user_id, other_id),
      hides: sql<boolean>`EXISTS (SELECT 1 FROM blocks
        WHERE user_id = ${other_id} AND blocked_id = ${user_id})`.mapWith(Boolean),
    })
    .from(users)
    .where(eq(users.user_id, other_id))
    .get();
}
