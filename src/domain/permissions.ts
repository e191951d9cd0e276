import type { ConversationType } from "../protocol/conversation.ts";
import { type Refusal, refusal } from "../protocol/errors.ts";
import type { Role } from "../protocol/roles.ts";

/**
 * What members may do, by role (CONV-3; the table of docs/protocol.md). What everybody may do where it is a member is not
 * listed: read, send, react, reply, edit and delete one's own, leave.
 */
export const PERMISSIONS = {
  delete_messages_of_others: ["owner", "admin"],
  pin_messages: ["owner", "admin"],
  change_settings: ["owner", "admin"],
  add_members: ["owner", "admin"],
  remove_members: ["owner", "admin"],
  remove_admins_and_owners: ["owner"],
  manage_invites: ["owner", "admin"],
  change_roles: ["owner"],
  delete_group: ["owner"],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

/** In a one-on-one the two are equals, and there is nothing to manage. */
const IN_ONE_ON_ONE: readonly Permission[] = ["pin_messages"];

/** Why a member may not do this, or null. */
export function refusePermission(type: ConversationType, role: Role, permission: Permission): Refusal | null {
  if (type === "one_on_one") {
    return IN_ONE_ON_ONE.includes(permission)
      ? null
      : refusal("forbidden", "This is not for a conversation of two");
  }
  const roles: readonly Role[] = PERMISSIONS[permission];
  return roles.includes(role) ? null : refusal("forbidden", "Your role in this group does not allow it");
}
