import { and, eq, ne, not, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/sqlite-core";
import type { Database } from "./client.ts";
import { hidesFrom } from "./pairs.ts";
import { conversationMembers, conversations, users } from "./schema.ts";
import { nameKey } from "./users.ts";

/**
 * With whom `user_id` has a one-on-one, and whose user name or display name has `q` in it; of who has blocked it the user name
 * alone.
 */
export async function findPeersNamed(db: Database, user_id: string, q: string): Promise<string[]> {
  const key = nameKey(q);
  const mine = alias(conversationMembers, "mine");
  const theirs = alias(conversationMembers, "theirs");
  const rows = await db
    .select({ user_id: users.user_id })
    .from(mine)
    .innerJoin(conversations, eq(conversations.conversation_id, mine.conversation_id))
    .innerJoin(
      theirs,
      and(eq(theirs.conversation_id, mine.conversation_id), ne(theirs.user_id, mine.user_id)),
    )
    .innerJoin(users, eq(users.user_id, theirs.user_id))
    .where(
      and(
        eq(mine.user_id, user_id),
        eq(conversations.type, "one_on_one"),
        // No LIKE: it has wildcards to escape.
        or(
          sql`instr(${users.username_key}, ${key}) > 0`,
          and(sql`instr(${users.display_name_key}, ${key}) > 0`, not(hidesFrom(user_id))),
        ),
      ),
    );
  return rows.map((row) => row.user_id);
}
