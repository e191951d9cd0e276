import { openDatabase } from "../../db/client.ts";
import { findUsers } from "../../db/users.ts";
import { refuse } from "../../middleware/refusal-error.ts";

/** The user names of users who all have to exist, by id. */
export async function demandUsers(env: Env, user_ids: readonly string[]): Promise<Map<string, string>> {
  const wanted = [...new Set(user_ids)];
  const users = await findUsers(openDatabase(env.DB), wanted);
  if (users.length < wanted.length) throw refuse("not_found", "Not everyone named is a user here");
  return new Map(users.map(({ user_id, username }) => [user_id, username]));
}
