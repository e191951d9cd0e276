import { v5 } from "uuid";

/** Namespace of one-on-one conversations. It can never change: the ids derived from it are stored everywhere. */
const ONE_ON_ONE = "6f1d3a0e-5c0b-5f5e-9d3e-0f6f1b6c7a11";

/** The conversation of a pair of users, the same whoever asks: a pair can never have two (CONV-1). */
export function oneOnOneId(user_id: string, other_id: string): string {
  const [first, second] = [user_id, other_id].sort();
  return v5(`${first}:${second}`, ONE_ON_ONE);
}
