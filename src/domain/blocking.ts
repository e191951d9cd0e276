import { type Refusal, refusal } from "../protocol/errors.ts";

/** Why nobody can write in a conversation of which these members block their peer, or null. It binds both directions. */
export function refuseBlocked(blockers: ReadonlySet<string>): Refusal | null {
  return blockers.size > 0 ? refusal("blocked") : null;
}
