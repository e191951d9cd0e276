import { eq } from "drizzle-orm";
import type { Database } from "./client.ts";
import { hidesFrom, isBlockBetween, isFriendship } from "./pairs.ts";
import { users } from "./schema.ts";

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
