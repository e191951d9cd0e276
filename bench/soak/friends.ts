import { friendSchema } from "../../src/protocol/friend.ts";
import type { Crowd } from "./crowd.ts";
import type { World } from "./world.ts";

/** Those who talk one-on-one become friends: they may see each other's presence, and are told of it (PRES-3). */
export async function befriendPairs(world: World, crowd: Crowd): Promise<void> {
  for (const { user_ids } of crowd.conversations) {
    if (user_ids.length !== 2) continue;
    for (const [asker = "", asked] of [user_ids, user_ids.toReversed()]) {
      const [device] = crowd.devicesOf(asker);
      if (device) await world.post(device.token, "/api/friends", { user_id: asked }, friendSchema);
    }
  }
}
