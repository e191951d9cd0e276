import { eq, sql } from "drizzle-orm";
import type { Database } from "./client.ts";
import { users } from "./schema.ts";
import { endOtherSessions } from "./sessions.ts";

/**
 * Suspends a user and ends its sessions, in one transaction: a sign-in or refresh comes before, and its session is among those
 * returned, or it is refused (SEC-1). For `ended_since` see `endOtherSessions`. Null if there is no such user.
 */
export async function suspendUser(
  db: Database,
  user_id: string,
  now: number,
  ended_since: number,
): Promise<string[] | null> {
  const [suspended, ended] = await db.batch([
    db
      .update(users)
      .set({ suspended_at: sql`coalesce(${users.suspended_at}, ${now})` })
      .where(eq(users.user_id, user_id))
      .returning({ user_id: users.user_id }),
    endOtherSessions(db, user_id, null, now, ended_since),
  ]);
  return suspended.length > 0 ? ended.map(({ session_id }) => session_id) : null;
}

/** False if there is no such user. */
export async function liftSuspension(db: Database, user_id: string): Promise<boolean> {
  const lifted = await db
    .update(users)
    .set({ suspended_at: null })
    .where(eq(users.user_id, user_id))
    .returning({ user_id: users.user_id });
  return lifted.length > 0;
}
