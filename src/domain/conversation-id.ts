import { v5 } from "uuid";

/** Namespace of one-on-one conversations. It can never change: the ids derived from it are stored everywhere. */
const ONE_ON_ONE = "6f1d3a0e-5c0b-5f5e-9d3e-0f6f1b6c7a11";

/** Namespace of groups that their creators have named; it can never change either. */
const GROUP = "2c9b6a54-8f0e-5d7a-a3b1-5b7d4c1e9f20";

/** The conversation of a pair of users, the same whoever asks: a pair can never have two (CONV-1). */
export function oneOnOneId(user_id: string, other_id: string): string {
  const [first, second] = [user_id, other_id].sort();
  return v5(`${first}:${second}`, ONE_ON_ONE);
}

/** The group that a creator has named so: a request that is repeated finds the one that it made (IDEM-2). */
export function groupId(created_by: string, client_conversation_id: string): string {
  return v5(`${created_by}:${client_conversation_id}`, GROUP);
}
