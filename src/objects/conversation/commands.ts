import type { GroupUpdate } from "../../protocol/conversation.ts";
import type { InviteRequest } from "../../protocol/invite.ts";
import type { MessageEdit } from "../../protocol/message.ts";
import type { Role } from "../../protocol/roles.ts";

/** What somebody does to a message, for everybody to see. */
export type MessageCommand =
  | { readonly kind: "edit"; readonly edit: MessageEdit }
  | { readonly kind: "delete" }
  | { readonly kind: "react" | "unreact"; readonly emoji: string }
  | { readonly kind: "pin" | "unpin" };

/** What a member does that is no entry of the log. */
export type MemberAct =
  /** It takes on a conversation that a stranger began. */
  | { readonly kind: "accept" }
  /** It deletes a message for itself alone. */
  | { readonly kind: "hide"; readonly message_id: string }
  | { readonly kind: "type"; readonly is_typing: boolean }
  /** It lets the others know how far it reads, from now on, or does not (DLV-6). */
  | { readonly kind: "receipts"; readonly read_receipts: boolean };

/** Who is to join; checked to exist by the caller. */
export interface Joining {
  readonly user_id: string;
  readonly username: string;
}

/** What somebody does to a group. */
export type GroupCommand =
  | { readonly kind: "update"; readonly update: GroupUpdate }
  | { readonly kind: "add"; readonly joining: readonly Joining[] }
  | { readonly kind: "remove"; readonly user_id: string }
  | { readonly kind: "set_role"; readonly user_id: string; readonly role: Role }
  | { readonly kind: "delete" };

/** What a member does about the invitations to its group. */
export type InviteCommand =
  | { readonly kind: "create"; readonly request: InviteRequest; readonly secret: string }
  | { readonly kind: "list" }
  | { readonly kind: "revoke"; readonly secret: string };
