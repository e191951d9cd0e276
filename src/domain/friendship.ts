import type { FriendStatus } from "../protocol/friend.ts";
import type { Presence } from "../protocol/user.ts";

/** A pair of users: nothing between them, a request of one of them, or friends. */
export type PairState = "none" | "pending" | "friends";

/** How a pair stands as of `version`, which grows with every change. */
export interface Pair {
  readonly state: PairState;
  /** Of a request: who made it. */
  readonly requested_by: string;
  readonly since: number;
  readonly version: number;
}

/** What the objects of both users are told of a change, each from its side. */
export interface FriendChange {
  /** The other user. */
  readonly user_id: string;
  readonly status: FriendStatus;
  /** Of two changes that overtake each other the higher one holds. */
  readonly version: number;
}

/** What a user's object tells a friend's. `version`: as of which it takes the two for friends. */
export interface FriendNews {
  readonly user_id: string;
  readonly version: number;
  /** How present the user is now; null if the friend knows. */
  readonly presence: Presence | null;
}

/** What the friend's object answers: how the two stand, seen from there, and how present its own user is. */
export interface FriendAnswer {
  readonly status: FriendStatus;
  readonly version: number;
  /** Null if it is offline, or no friend. */
  readonly presence: Presence | null;
}

/** The ids of a pair in the order that names it, whoever asks. */
export function inOrder(user_id: string, other_id: string): readonly [first_id: string, second_id: string] {
  return user_id < other_id ? [user_id, other_id] : [other_id, user_id];
}

/** A pair as `user_id`, one of the two, sees it. */
export function statusFor(user_id: string, { state, requested_by }: Pair): FriendStatus {
  if (state !== "pending") return state;
  return requested_by === user_id ? "outgoing" : "incoming";
}

const MIRRORED = {
  none: "none",
  incoming: "outgoing",
  outgoing: "incoming",
  friends: "friends",
} as const satisfies Record<FriendStatus, FriendStatus>;

/** The same as the other of the two sees it. */
export function mirrored(status: FriendStatus): FriendStatus {
  return MIRRORED[status];
}
