import { NO_MARKS } from "../../domain/marks.ts";
import { refuseJoining, refuseRemoval, refuseRoleChange } from "../../domain/membership.ts";
import { refusePermission } from "../../domain/permissions.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import type { Conversation, GroupUpdate } from "../../protocol/conversation.ts";
import type { Refusal } from "../../protocol/errors.ts";
import type { ConversationEvent } from "../../protocol/event.ts";
import type { Role } from "../../protocol/roles.ts";
import type { ChangeWriter } from "./change-writer.ts";
import type { GroupCommand, Joining } from "./commands.ts";
import type { ChangeOutcome } from "./rpc.ts";
import type { MemberRecord } from "./store.ts";

/** Carries a command out; answers the group as `member` sees it then, or saw it last. What would change nothing writes nothing. */
export function changeGroup(
  writer: ChangeWriter,
  member: MemberRecord,
  command: GroupCommand,
): Result<ChangeOutcome<() => Conversation>> {
  const cause = carryOut(writer, member, command);
  const { state } = writer;
  if (cause) return refused(cause);
  const after = () => state.viewFor(state.member(member.user_id) ?? member);
  return accepted({ after, is_logged: writer.entries.length > 0 });
}

function carryOut(writer: ChangeWriter, member: MemberRecord, command: GroupCommand): Refusal | null {
  switch (command.kind) {
    case "update":
      return update(writer, member, command.update);
    case "add":
      return add(writer, member, command.joining);
    case "remove":
      return remove(writer, member, command.user_id);
    case "set_role":
      return setRole(writer, member, command.user_id, command.role);
    case "delete":
      return end(writer, member);
  }
}

function update(
  writer: ChangeWriter,
  member: MemberRecord,
  { name, ...wanted }: GroupUpdate,
): Refusal | null {
  const { record } = writer.state;
  const cause = refusePermission(record.type, member.role, "change_settings");
  if (cause) return cause;
  const isRenamed = name !== undefined && name !== record.name;
  const { description, avatar_url, history_visible } = wanted;
  const settings = {
    ...(description !== undefined && description !== record.description && { description }),
    ...(avatar_url !== undefined && avatar_url !== record.avatar_url && { avatar_url }),
    ...(history_visible !== undefined && history_visible !== record.history_visible && { history_visible }),
  };
  const hasSettings = Object.keys(settings).length > 0;
  if (!isRenamed && !hasSettings) return null;
  writer.putSettings({ ...settings, ...(isRenamed && { name }) });
  if (isRenamed) {
    tell(writer, member, { change: "renamed", name });
    writer.publishDirectory(writer.state.members.values());
  }
  if (hasSettings) tell(writer, member, { change: "settings_changed", settings });
  return null;
}

function add(writer: ChangeWriter, member: MemberRecord, joining: readonly Joining[]): Refusal | null {
  const cause = refusePermission(writer.state.record.type, member.role, "add_members");
  return cause ?? join(writer, member.user_id, joining, false);
}

/** Adds those who are no members yet; nobody is added twice. */
export function join(
  writer: ChangeWriter,
  actor_id: string,
  joining: readonly Joining[],
  by_invite: boolean,
): Refusal | null {
  const { state, limits, now } = writer;
  const fresh = new Map(joining.map((one) => [one.user_id, one]));
  for (const user_id of state.members.keys()) fresh.delete(user_id);
  if (fresh.size === 0) return null;
  const cause = refuseJoining(state.members.size, fresh.size, limits.max_group_members);
  if (cause) return cause;
  // They read from the entry on that says they came (CONV-5).
  const joined_seq = writer.next_seq - 1;
  const marks = { ...NO_MARKS, delivered_seq: joined_seq, read_seq: joined_seq };
  const members = Array.from(
    fresh.values(),
    ({ user_id, username }): MemberRecord => ({
      user_id,
      username,
      role: "member",
      joined_seq,
      joined_at: now,
      left_seq: null,
      ...marks,
    }),
  );
  writer.putMembers(members);
  tellAs(writer, actor_id, { change: "member_added", user_ids: [...fresh.keys()], by_invite });
  writer.publishDirectory([...state.members.values(), ...members]);
  return null;
}

function remove(writer: ChangeWriter, member: MemberRecord, user_id: string): Refusal | null {
  const { state } = writer;
  const target = state.members.get(user_id);
  const cause = refuseRemoval(state.record.type, member, target, state.members.values());
  if (cause || !target) return cause;
  dismiss(writer, [target]);
  const has_left = user_id === member.user_id;
  tell(writer, member, { change: "member_removed", user_ids: [user_id], has_left });
  writer.publishDirectory([...state.members.values()].filter((other) => other.user_id !== user_id));
  return null;
}

function setRole(writer: ChangeWriter, member: MemberRecord, user_id: string, role: Role): Refusal | null {
  const { state } = writer;
  const target = state.members.get(user_id);
  const cause = refuseRoleChange(state.record.type, member, target, role, state.members.values());
  if (cause || !target || target.role === role) return cause;
  const changed = { ...target, role };
  writer.putMembers([changed]);
  tell(writer, member, { change: "role_changed", user_id, role });
  writer.publishDirectory([...state.members.values()].map((other) => (other === target ? changed : other)));
  return null;
}

/** The last entry of a group; nobody is a member after it. */
function end(writer: ChangeWriter, member: MemberRecord): Refusal | null {
  const { state } = writer;
  const cause = refusePermission(state.record.type, member.role, "delete_group");
  if (cause) return cause;
  dismiss(writer, [...state.members.values()]);
  // Nobody comes in any more.
  writer.store.invites.delete(writer.store.invites.list().map(({ secret }) => secret));
  tell(writer, member, { change: "deleted" });
  writer.publishDirectory([]);
  return null;
}

/** Their last entry is the one that comes next (CONV-4). */
function dismiss(writer: ChangeWriter, members: readonly MemberRecord[]): void {
  writer.putMembers(members.map((member) => ({ ...member, left_seq: writer.next_seq })));
}

function tell(writer: ChangeWriter, { user_id }: MemberRecord, event: ConversationEvent): void {
  tellAs(writer, user_id, event);
}

function tellAs(writer: ChangeWriter, sender_id: string, event: ConversationEvent): void {
  writer.append({ kind: "event", sender_id, extra: { event } });
}
