import { friendSchema } from "../../../src/protocol/friend.ts";
import { register, type Session } from "./client.ts";

/** Two new users and their conversation. */
export interface Pair {
  readonly conversation_id: string;
  readonly alice: Session;
  readonly bob: Session;
}

/** Two who see each other's presence (PRES-3). */
export async function befriend(a: Session, b: Session): Promise<void> {
  await a.call(friendSchema, "POST", "/api/friends", { user_id: b.user_id });
  await b.call(friendSchema, "POST", "/api/friends", { user_id: a.user_id });
}

export async function beginPair(url: string): Promise<Pair> {
  const [alice, bob] = await Promise.all([register(url), register(url)]);
  const { conversation_id } = await alice.createOneOnOne(bob.user_id);
  return { conversation_id, alice, bob };
}
