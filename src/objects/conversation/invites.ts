import { encodeInviteCode, isOpen, refuseInvite, termsOf } from "../../domain/invites.ts";
import { refusePermission } from "../../domain/permissions.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import type { Invite, InvitePreview } from "../../protocol/invite.ts";
import type { ChangeWriter } from "./change-writer.ts";
import type { InviteCommand, Joining } from "./commands.ts";
import { join } from "./group-commands.ts";
import type { InviteRecord } from "./invite-store.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore, MemberRecord } from "./store.ts";

/** So many that are open there may be at once. */
const MAX_OPEN_INVITES = 100;

/** Carries a command out; answers the open invitations it is about. */
export function manageInvites(
  writer: ChangeWriter,
  member: MemberRecord,
  command: InviteCommand,
): Result<Invite[]> {
  const { store, state, now } = writer;
  const cause = refusePermission(state.record.type, member.role, "manage_invites");
  if (cause) return refused(cause);
  const view = (invite: InviteRecord) => inviteOf(invite, state.id);
  const open = () => store.invites.list().filter((invite) => isOpen(invite, now));
  switch (command.kind) {
    case "list":
      return accepted(open().map(view));
    case "create": {
      if (open().length >= MAX_OPEN_INVITES)
        return refused(refusal("conflict", `A group may have ${MAX_OPEN_INVITES} open invitations`));
      const { request, secret } = command;
      const invite = { secret, created_by: member.user_id, created_at: now, ...termsOf(request, now) };
      const closed = store.invites.list().filter((other) => !isOpen(other, now));
      if (closed.length > 0) store.invites.delete(closed.map((other) => other.secret));
      store.invites.insert(invite);
      return accepted([view(invite)]);
    }
    case "revoke": {
      const invite = store.invites.get(command.secret);
      if (!invite) return refused(refusal("not_found", "There is no such invitation"));
      store.invites.revoke(invite.secret);
      return accepted([]);
    }
  }
}

/** What the group is like, for who holds an invitation. */
export function previewInvite(
  store: ConversationStore,
  state: ConversationState,
  user_id: string,
  secret: string,
  now: number,
): Result<InvitePreview> {
  const cause = refuseHolder(store, state, user_id, secret, now);
  if (cause) return refused(cause);
  const { name, avatar_url } = state.record;
  return accepted({
    conversation_id: state.id,
    name: name ?? "",
    avatar_url,
    member_count: state.members.size,
    is_member: state.members.has(user_id),
  });
}

/** Joins by an invitation; who is a member already uses nothing up, and is answered false. */
export function acceptInvite(writer: ChangeWriter, joining: Joining, secret: string): Result<boolean> {
  const { store, state, now } = writer;
  const cause = refuseHolder(store, state, joining.user_id, secret, now);
  if (cause) return refused(cause);
  if (state.members.has(joining.user_id)) return accepted(false);
  const full = join(writer, joining.user_id, [joining], true);
  if (full) return refused(full);
  store.invites.use(secret);
  return accepted(true);
}

/** A member is refused by no invitation: it may have come in by its last use, and missed the answer. */
function refuseHolder(
  { invites }: ConversationStore,
  { members }: ConversationState,
  user_id: string,
  secret: string,
  now: number,
): Refusal | null {
  return members.has(user_id) ? null : refuseInvite(invites.get(secret), now);
}

function inviteOf(invite: InviteRecord, conversation_id: string): Invite {
  const { secret, created_by, created_at, expires_at, max_uses, uses } = invite;
  const code = encodeInviteCode(conversation_id, secret);
  return { code, conversation_id, created_by, created_at, expires_at, max_uses, uses };
}
