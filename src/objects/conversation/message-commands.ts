import { refuseBlocked } from "../../domain/blocking.ts";
import { emojiOf } from "../../domain/emoji.ts";
import type { Entry } from "../../domain/entry.ts";
import { mentionsIn } from "../../domain/mentions.ts";
import {
  deleteMessage,
  editMessage,
  type MessageChanged,
  NO_MESSAGE_THERE,
  pinMessage,
  refuseEdit,
  refuseReaction,
  refuseTarget,
} from "../../domain/message-changes.ts";
import { refusePermission } from "../../domain/permissions.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import { invalidRequest, type Refusal } from "../../protocol/errors.ts";
import type { Message, MessageChange, MessageEdit } from "../../protocol/message.ts";
import type { ChangeWriter } from "./change-writer.ts";
import type { MessageCommand } from "./commands.ts";
import type { ChangeOutcome } from "./rpc.ts";
import type { MemberRecord } from "./store.ts";
import { LogView } from "./view.ts";

/** Carries a command out; answers the message as `member` sees it then. What would change nothing writes nothing. */
export function changeMessage(
  writer: ChangeWriter,
  member: MemberRecord,
  message_id: string,
  command: MessageCommand,
): Result<ChangeOutcome<Message>> {
  const { store, state } = writer;
  const target = store.entries.findById(message_id);
  const absent = refuseTarget(target, state.readableAfter(member));
  if (absent || !target) return refused(absent ?? NO_MESSAGE_THERE);
  // With what is deleted, or what the member has deleted for itself, nothing is left to do but to delete it for everybody.
  const isGone = target.deleted_at !== null || store.hidden.of(member.user_id, [target.seq]).size > 0;
  if (isGone && command.kind !== "delete") return refused(NO_MESSAGE_THERE);
  // Taking back what one has said or shown is always open.
  const isSaying = command.kind === "edit" || command.kind === "react" || command.kind === "pin";
  const blocked = isSaying ? refuseBlocked(state.blockers) : null;
  const cause = blocked ?? carryOut(writer, member, target, command);
  if (cause) return refused(cause);
  const entry = store.entries.entry(target.seq) ?? target;
  const [message] = new LogView(store, state).messages([entry], member.user_id);
  if (!message) throw new Error("a message that has just changed is there");
  return accepted({ after: message, is_logged: writer.entries.length > 0 });
}

function carryOut(
  writer: ChangeWriter,
  member: MemberRecord,
  target: Entry,
  command: MessageCommand,
): Refusal | null {
  switch (command.kind) {
    case "edit":
      return edit(writer, member, target, command.edit);
    case "delete":
      return remove(writer, member, target);
    case "react":
    case "unreact":
      return react(writer, member, target, command.emoji, command.kind === "react");
    case "pin":
    case "unpin":
      return pin(writer, member, target, command.kind === "pin");
  }
}

function edit(
  writer: ChangeWriter,
  { user_id }: MemberRecord,
  target: Entry,
  wanted: MessageEdit,
): Refusal | null {
  const { state, limits, now } = writer;
  const cause = refuseEdit(target, user_id, wanted, limits, now);
  if (cause) return cause;
  const mentions = mentionsIn(wanted.content, () => state.byUsername);
  put(writer, user_id, "edited", target, editMessage(target, wanted, mentions, now));
  return null;
}

function remove(writer: ChangeWriter, member: MemberRecord, target: Entry): Refusal | null {
  const { store, state, now } = writer;
  const { user_id, role } = member;
  if (target.sender_id !== user_id) {
    const cause = refusePermission(state.record.type, role, "delete_messages_of_others");
    if (cause) return cause;
  }
  if (target.deleted_at !== null) return null;
  store.reactions.clear(target.seq);
  put(writer, user_id, "deleted", target, deleteMessage(target, now));
  return null;
}

function react(
  writer: ChangeWriter,
  { user_id }: MemberRecord,
  target: Entry,
  text: string,
  isAdded: boolean,
): Refusal | null {
  const { reactions } = writer.store;
  const emoji = emojiOf(text);
  if (emoji === null) return invalidRequest([{ path: "emoji", message: "must be one emoji" }]);
  if (isAdded) {
    const cause = refuseReaction(emoji, reactions.kinds(target.seq));
    if (cause) return cause;
  }
  const hasChanged = isAdded
    ? reactions.add(target.seq, user_id, emoji, writer.now)
    : reactions.remove(target.seq, user_id, emoji);
  if (hasChanged) writer.append({ kind: "reaction", sender_id: user_id, target_seq: target.seq });
  return null;
}

function pin(
  writer: ChangeWriter,
  { user_id, role }: MemberRecord,
  target: Entry,
  isPinned: boolean,
): Refusal | null {
  const cause = refusePermission(writer.state.record.type, role, "pin_messages");
  if (cause) return cause;
  put(writer, user_id, "pinned", target, pinMessage(target, isPinned, writer.now));
  return null;
}

function put(
  writer: ChangeWriter,
  sender_id: string,
  kind: MessageChange,
  target: Entry,
  changed: MessageChanged | null,
): void {
  if (!changed) return;
  const { entries, hidden, unread } = writer.store;
  entries.update(changed.state);
  if (kind !== "pinned")
    unread.change(target, { ...target, ...changed.state }, new Set(hidden.hidersOf(target.seq)));
  writer.append({ kind, sender_id, target_seq: target.seq, extra: changed.extra });
}
