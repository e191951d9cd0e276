import DataLoader from "dataloader";
import { type UimClient, UimError, type User } from "../../../sdk/index.ts";

/** What is asked for within this time is asked in one request: a screen of messages wants to name many people at once. */
const WAIT_MS = 10;
/** The server answers so many at once. */
const MAX_USERS = 100;

export type LoadUser = (user_id: string) => Promise<User>;

/** Profiles by id, without what their owners say of themselves. Rejects with `not_found` for who is not there. */
export function userLoader(api: Pick<UimClient["api"], "users">): LoadUser {
  const loader = new DataLoader<string, User>(
    async (user_ids) => {
      const { items } = await api.users(user_ids);
      const found = new Map(items.map((user) => [user.user_id, user]));
      return user_ids.map(
        (user_id) => found.get(user_id) ?? new UimError("not_found", "There is no such user"),
      );
    },
    // What was found is kept by the queries.
    { cache: false, maxBatchSize: MAX_USERS, batchScheduleFn: (load) => setTimeout(load, WAIT_MS) },
  );
  return (user_id) => loader.load(user_id);
}
