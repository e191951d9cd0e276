import { type Refusal, refusal } from "../protocol/errors.ts";
import type { Privacy } from "../protocol/privacy.ts";

/** What is between two users, before one begins to write to the other. */
export interface Acquaintance {
  readonly is_friend: boolean;
  /** One of the two has blocked the other. */
  readonly is_blocked: boolean;
  /** Whom the one who would be written to lets do so. */
  readonly who_may_write: Privacy["who_may_write"];
}

/** Why somebody cannot begin a one-on-one, or null. */
export function refuseFirstContact({ is_friend, is_blocked, who_may_write }: Acquaintance): Refusal | null {
  if (is_blocked) return refusal("blocked");
  return who_may_write === "friends" && !is_friend
    ? refusal("forbidden", "Only friends may write here")
    : null;
}

/** Does a new one-on-one stand among the requests of the one who is written to? */
export function isContactRequest({ is_friend, who_may_write }: Acquaintance): boolean {
  return who_may_write === "requests" && !is_friend;
}
