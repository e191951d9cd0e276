import { encodeInviteCode, isOpen, refuseInvite, termsOf } from "../../domain/invites.ts";
import { refusePermission } from "../../domain/permissions.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import { refusal } from "../../protocol/errors.ts";
import type { Invite } from "../../protocol/invite.ts";
import type { ChangeWriter } from "./change-writer.ts";
import type { InviteCommand, Joining } from "./commands.ts";
import { join } from "./group-commands.ts";
import type { InviteRecord } from "./invite-store.ts";
import type { MemberRecord } from "./store.ts";

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

/** Joins by an invitation. Who is a member uses nothing up, and may ask again when the invitation is over. */
export function acceptInvite(writer: ChangeWriter, joining: Joining, secret: string): Result<null> {
  const { store, state, now } = writer;
  if (state.members.has(joining.user_id)) return accepted(null);
  const cause = refuseInvite(store.invites.get(secret), now);
  if (cause) return refused(cause);
  const full = join(writer, joining.user_id, [joining], true);
  if (full) return refused(full);
  store.invites.use(secret);
  return accepted(null);
}

function inviteOf(invite: InviteRecord, conversation_id: string): Invite {
  const { secret, created_by, created_at, expires_at, max_uses, uses } = invite;
  const code = encodeInviteCode(conversation_id, secret);
  return { code, conversation_id, created_by, created_at, expires_at, max_uses, uses };
}
