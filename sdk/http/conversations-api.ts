import { z } from "zod";
import {
  type CreateGroup,
  conversationSchema,
  type GroupUpdate,
  type InboxRow,
  inboxRowSchema,
  memberSchema,
  onlineCountSchema,
} from "../../src/protocol/conversation.ts";
import { invitePreviewSchema, inviteSchema } from "../../src/protocol/invite.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import type { Role } from "../../src/protocol/roles.ts";
import { type Call, nothingSchema, type PageRequest, segment } from "./call.ts";

export type GroupDraft = Omit<CreateGroup, "type" | "description"> &
  Partial<Pick<CreateGroup, "description">>;

/** What a user sets for itself in one conversation; what is left out stays. */
export type InboxSettings = Partial<
  Pick<InboxRow, "muted_until" | "notifications" | "pinned" | "archived" | "marked_unread">
>;

export interface InboxRequest extends PageRequest {
  /** Part of the conversation's name or the peer's. */
  readonly q?: string;
  readonly archived?: boolean;
  readonly requests?: boolean;
  readonly sort?: "activity" | "pinned";
}

export interface InviteDraft {
  /** Seconds; a week unless said, null: without an end. */
  readonly expires_in?: number | null;
  readonly max_uses?: number | null;
}

/** Conversations, their members and their invitations. */
export function conversationsApi(call: Call) {
  const pathOf = (conversation_id: string) => `/api/conversations/${segment(conversation_id)}`;
  const memberPath = (conversation_id: string, user_id: string) =>
    `${pathOf(conversation_id)}/members/${segment(user_id)}`;
  return {
    inbox: (request: InboxRequest = {}) =>
      call(pageSchema(inboxRowSchema), { method: "GET", path: "/api/conversations", query: { ...request } }),
    conversation: (conversation_id: string) =>
      call(conversationSchema, { method: "GET", path: pathOf(conversation_id) }),
    /** The conversation with another user: the one that there is, or a new one (CONV-1). */
    oneOnOne: (participant_id: string) =>
      call(conversationSchema, {
        method: "POST",
        path: "/api/conversations",
        body: { type: "one_on_one", participant_id },
        repeatable: true,
      }),
    /** With a `client_conversation_id` it is safe to repeat: it answers the group that there is then (IDEM-2). */
    createGroup: (group: GroupDraft) =>
      call(conversationSchema, {
        method: "POST",
        path: "/api/conversations",
        body: { ...group, type: "group" },
        repeatable: group.client_conversation_id !== undefined,
      }),
    updateGroup: (conversation_id: string, update: GroupUpdate) =>
      call(conversationSchema, { method: "PUT", path: pathOf(conversation_id), body: update }),
    deleteGroup: (conversation_id: string) =>
      call(nothingSchema, { method: "DELETE", path: pathOf(conversation_id) }),
    /** Answers the inbox row where the server sends it; the other devices hear of it by themselves. */
    updateSettings: (conversation_id: string, settings: InboxSettings) =>
      call(inboxRowSchema.or(nothingSchema), {
        method: "PUT",
        path: `${pathOf(conversation_id)}/settings`,
        body: settings,
      }),
    /** Ends the request that a stranger's first words are. */
    acceptRequest: (conversation_id: string) =>
      call(nothingSchema, { method: "POST", path: `${pathOf(conversation_id)}/accept`, repeatable: true }),

    members: (conversation_id: string, page: PageRequest = {}) =>
      call(pageSchema(memberSchema), {
        method: "GET",
        path: `${pathOf(conversation_id)}/members`,
        query: { ...page },
      }),
    /** How many members are online, as of less than 30 s ago; not who. */
    onlineCount: (conversation_id: string) =>
      call(onlineCountSchema, { method: "GET", path: `${pathOf(conversation_id)}/presence` }),
    addMembers: (conversation_id: string, user_ids: readonly string[]) =>
      call(conversationSchema, {
        method: "POST",
        path: `${pathOf(conversation_id)}/members`,
        body: { user_ids },
        repeatable: true,
      }),
    setRole: (conversation_id: string, user_id: string, role: Role) =>
      call(conversationSchema, {
        method: "PATCH",
        path: memberPath(conversation_id, user_id),
        body: { role },
      }),
    /** Removes a member; with one's own id: leaves. */
    removeMember: (conversation_id: string, user_id: string) =>
      call(nothingSchema, { method: "DELETE", path: memberPath(conversation_id, user_id) }),

    createInvite: (conversation_id: string, draft: InviteDraft = {}) =>
      call(inviteSchema, { method: "POST", path: `${pathOf(conversation_id)}/invites`, body: draft }),
    invites: (conversation_id: string) =>
      call(z.object({ items: z.array(inviteSchema) }), {
        method: "GET",
        path: `${pathOf(conversation_id)}/invites`,
      }),
    revokeInvite: (conversation_id: string, code: string) =>
      call(nothingSchema, { method: "DELETE", path: `${pathOf(conversation_id)}/invites/${segment(code)}` }),
    /** The group that a code leads to, before one joins it. */
    previewInvite: (code: string) =>
      call(invitePreviewSchema, { method: "GET", path: `/api/invites/${segment(code)}` }),
    acceptInvite: (code: string) =>
      call(conversationSchema, {
        method: "POST",
        path: `/api/invites/${segment(code)}/accept`,
        repeatable: true,
      }),
  };
}
