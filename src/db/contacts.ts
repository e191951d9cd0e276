import { eq, sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { hidesFrom, isBlockBetween, isFriendship } from "./pairs.ts";
import { users } from "./schema.ts";
import type { UserRow } from "./users.ts";

/** Another user as `user_id` may meet it. `hides`: it has blocked `user_id`; `is_blocked`: one of the two has the other. */
export function findContact(db: Database, user_id: string, other_id: string) {
  return db
    .select({
      user: users,
      is_friend: isFriendship(user_id, other_id),
      is_blocked: isBlockBetween(user_id, other_id),
      hides: hidesFrom(user_id),
    })
    .from(users)
    .where(eq(users.user_id, other_id))
    .get();
}

/** Any number of other users in one statement; who does not exist is left out. `hides`: it has blocked `user_id`. */
export function findContacts(
  db: Database,
  user_id: string,
  other_ids: readonly string[],
): Promise<{ user: UserRow; hides: boolean }[]> {
  const wanted = sql`(SELECT value FROM json_each(${JSON.stringify(other_ids)}))`;
  return db
    .select({ user: users, hides: hidesFrom(user_id) })
    .from(users)
    .where(sql`${users.user_id} IN ${wanted}`);
}
