import { invalidRequest, type Refusal, refusal } from "../protocol/errors.ts";
import type { MessageEdit } from "../protocol/message.ts";
import { exceedsCodePoints } from "../protocol/text.ts";
import type { Entry, EntryExtra } from "./entry.ts";

export interface ChangeLimits {
  readonly max_message_chars: number;
  readonly edit_window_seconds: number;
}

/** At most so many kinds of emoji on one message. */
export const MAX_REACTION_KINDS = 20;

/** What a change makes of a message. */
type Changed = Pick<
  Entry,
  "seq" | "content" | "metadata" | "edited_at" | "deleted_at" | "pinned_at" | "extra"
>;

/** A message that is to change, and the entry that tells of it. */
export interface MessageChanged {
  readonly state: Changed;
  /** Of the entry of the change: whom the message named before and names after it. */
  readonly extra: EntryExtra | null;
}

export const NO_MESSAGE_THERE = refusal("not_found", "There is no such message");

/** Why `entry` is no message that a member sees, or null. A deleted one leaves a trace. */
export function refuseTarget(entry: Entry | null, readable_after_seq: number): Refusal | null {
  const isThere = entry !== null && entry.kind === "message" && entry.seq > readable_after_seq;
  return isThere ? null : NO_MESSAGE_THERE;
}

/** Only its sender edits a message, and not for ever. */
export function refuseEdit(
  target: Entry,
  user_id: string,
  { content }: MessageEdit,
  limits: ChangeLimits,
  now: number,
): Refusal | null {
  if (target.sender_id !== user_id) return refusal("forbidden", "Only its sender may edit a message");
  if (now - target.created_at > limits.edit_window_seconds * 1000)
    return refusal("forbidden", `A message may be edited for ${limits.edit_window_seconds} seconds`);
  return exceedsCodePoints(content, limits.max_message_chars)
    ? refusal("message_too_long", `A message may have ${limits.max_message_chars} characters`)
    : null;
}

/** Null if nothing would change. */
export function editMessage(
  target: Entry,
  edit: MessageEdit,
  mentions: readonly string[],
  now: number,
): MessageChanged | null {
  const metadata = edit.metadata === undefined ? target.metadata : edit.metadata;
  if (edit.content === target.content && JSON.stringify(metadata) === JSON.stringify(target.metadata))
    return null;
  return {
    state: {
      ...target,
      content: edit.content,
      metadata,
      edited_at: now,
      extra: withMentions(target.extra, mentions),
    },
    extra: mentionsChanged(target, mentions),
  };
}

/** What was said is gone; that something was said, and where, stays (IDEM-1, SEQ-1). */
export function deleteMessage(target: Entry, now: number): MessageChanged {
  const first_mentions = target.extra?.first_mentions ?? target.extra?.mentions;
  return {
    state: {
      ...target,
      content: "",
      metadata: null,
      deleted_at: now,
      pinned_at: null,
      extra: first_mentions ? { first_mentions } : null,
    },
    extra: mentionsChanged(target, []),
  };
}

/** Null if it is so already. */
export function pinMessage(target: Entry, isPinned: boolean, now: number): MessageChanged | null {
  if ((target.pinned_at !== null) === isPinned) return null;
  return { state: { ...target, pinned_at: isPinned ? now : null }, extra: null };
}

/** Why another kind of emoji cannot be added to a message, or null. */
export function refuseReaction(emoji: string, kinds: readonly string[]): Refusal | null {
  if (kinds.includes(emoji) || kinds.length < MAX_REACTION_KINDS) return null;
  const message = `a message has at most ${MAX_REACTION_KINDS} kinds of reactions`;
  return invalidRequest([{ path: "emoji", message }]);
}

function withMentions(extra: EntryExtra | null, mentions: readonly string[]): EntryExtra | null {
  const before = extra?.mentions ?? [];
  if (before.length === 0 && mentions.length === 0) return extra;
  // How the message was sent is kept: unread mentions are counted from the log (UNR-1).
  const first_mentions = extra?.first_mentions ?? before;
  return { ...extra, mentions, first_mentions };
}

function mentionsChanged(target: Entry, mentions: readonly string[]): EntryExtra | null {
  const before = target.extra?.mentions ?? [];
  return before.length === 0 && mentions.length === 0 ? null : { mentions, first_mentions: before };
}
