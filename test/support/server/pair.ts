import { register, type Session } from "./client.ts";

/** Two new users and their conversation. */
export interface Pair {
  readonly conversation_id: string;
  readonly alice: Session;
  readonly bob: Session;
}

export async function beginPair(url: string): Promise<Pair> {
  const [alice, bob] = await Promise.all([register(url), register(url)]);
  const { conversation_id } = await alice.createOneOnOne(bob.user_id);
  return { conversation_id, alice, bob };
}
