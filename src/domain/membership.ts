import type { ConversationType } from "../protocol/conversation.ts";
import { invalidRequest, type Refusal, refusal } from "../protocol/errors.ts";
import type { Role } from "../protocol/roles.ts";
import { refusePermission } from "./permissions.ts";

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

interface MemberRole {
  readonly user_id: string;
  readonly role: Role;
}

/** Why so many cannot join those who are there, or null. */
export function refuseJoining(count: number, joining: number, max: number): Refusal | null {
  return count + joining > max ? refusal("group_full", `A group may have ${max} members`) : null;
}

/** Why `actor` may not end the membership of `target`, or its own, or null (CONV-3). */
export function refuseRemoval(
  type: ConversationType,
  actor: MemberRole,
  target: MemberRole | undefined,
  members: Iterable<MemberRole>,
): Refusal | null {
  const isLeaving = actor.user_id === target?.user_id;
  if (type === "one_on_one" || !isLeaving) {
    const cause = refusePermission(type, actor.role, "remove_members");
    if (cause) return cause;
  }
  if (!target) return NO_MEMBER;
  if (isLeaving) return refuseWithoutOwner(target, members);
  return target.role === "member" ? null : refusePermission(type, actor.role, "remove_admins_and_owners");
}

/** Why `actor` may not give `target` another role, or null (CONV-3). */
export function refuseRoleChange(
  type: ConversationType,
  actor: MemberRole,
  target: MemberRole | undefined,
  role: Role,
  members: Iterable<MemberRole>,
): Refusal | null {
  const cause = refusePermission(type, actor.role, "change_roles");
  if (cause) return cause;
  if (!target) return NO_MEMBER;
  return role === "owner" ? null : refuseWithoutOwner(target, members);
}

const NO_MEMBER = refusal("not_found", "There is no such member");

/** A group always has an owner: the last one has to hand over first. */
function refuseWithoutOwner(leaving: MemberRole, members: Iterable<MemberRole>): Refusal | null {
  if (leaving.role !== "owner") return null;
  for (const { user_id, role } of members) if (role === "owner" && user_id !== leaving.user_id) return null;
  return refusal("last_owner");
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
