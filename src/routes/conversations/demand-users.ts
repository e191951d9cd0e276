import { blockedAmong } from "../../db/blocks.ts";
import { openDatabase } from "../../db/client.ts";
import { findUsers } from "../../db/users.ts";
import { refuse } from "../../middleware/refusal-error.ts";

/**
 * The user names, by id, of users who are to come into a group: all of them have to exist, and none may have blocked the caller,
 * or be blocked. A group knows its members by name, so that it can tell whom a message names.
 */
export async function demandUsers(
  env: Env,
  caller_id: string,
  user_ids: readonly string[],
): Promise<Map<string, string>> {
  const db = openDatabase(env.DB);
  const wanted = [...new Set(user_ids)];
  const users = await findUsers(db, wanted);
  if (users.length < wanted.length) throw refuse("not_found", "Not everyone named is a user here");
  const blocked = await blockedAmong(db, caller_id, wanted);
  if (blocked.size > 0) throw refuse("blocked", "Somebody named has blocked you, or you have");
  return new Map(users.map(({ user_id, username }) => [user_id, username]));
}
