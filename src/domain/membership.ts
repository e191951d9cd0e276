import type { ConversationType, Role } from "../protocol/conversation.ts";
import { invalidRequest, type Refusal, refusal } from "../protocol/errors.ts";

export interface NewMember {
  readonly user_id: string;
  readonly role: Role;
}

/** The members a group begins with: its creator as owner, then the others, each once (CONV-2). */
export function initialGroupMembers(created_by: string, participant_ids: readonly string[]): NewMember[] {
  const others = new Set(participant_ids);
  others.delete(created_by);
  return [
    { user_id: created_by, role: "owner" },
    ...Array.from(others, (user_id): NewMember => ({ user_id, role: "member" })),
  ];
}

/** The two of a one-on-one are equals. */
export function oneOnOneMembers(user_id: string, peer_id: string): NewMember[] {
  return [
    { user_id, role: "member" },
    { user_id: peer_id, role: "member" },
  ];
}

/** Why a conversation cannot begin with so many members, or null (CONV-2). */
export function refuseMemberCount(type: ConversationType, count: number, max: number): Refusal | null {
  if (type === "one_on_one") {
    return count === 2 ? null : invalidRequest([{ path: "participant_id", message: "must be another user" }]);
  }
  if (count < 3)
    return invalidRequest([{ path: "participant_ids", message: "a group has at least 3 members" }]);
  return count > max ? refusal("group_full", `A group may have ${max} members`) : null;
}
