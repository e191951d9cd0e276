import { type Pair, statusFor } from "../../domain/friendship.ts";
import { userObject } from "../../middleware/objects.ts";
import { reach, reachAll } from "../../middleware/reach.ts";

/**
 * Tells the objects of both users how they stand to each other. Also when nothing has changed: whoever was interrupted
 * before brings it here again. Telling them what they know costs no row.
 */
export async function tellPair(env: Env, user_id: string, other_id: string, pair: Pair): Promise<void> {
  const { version } = pair;
  const tell = (told_id: string, about_id: string) => {
    const change = { user_id: about_id, status: statusFor(told_id, pair), version };
    return reach(() => userObject(env, told_id).friendChanged(change));
  };
  await reachAll([tell(user_id, other_id), tell(other_id, user_id)]);
}
