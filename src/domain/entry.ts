import type { ConversationEvent } from "../protocol/event.ts";
import type { Json } from "../protocol/json.ts";
import type { ForwardedFrom, Message, MessageChange, MessageUpdate } from "../protocol/message.ts";

/** What an entry is: a message, a change of an earlier one, or something that happened to the conversation. */
export type EntryKind = "message" | "event" | MessageChange;

/** What most entries do not have. */
export interface EntryExtra {
  /** On a message: the members it names now. On a change: those the message names after it. */
  readonly mentions?: readonly string[] | undefined;
  /** On an edited message: those it named when it was sent. On a change: those the message named before it. */
  readonly first_mentions?: readonly string[] | undefined;
  readonly forwarded_from?: ForwardedFrom | undefined;
  readonly event?: ConversationEvent | undefined;
}

/**
 * One durable change of a conversation, at its place in the log (docs/protocol.md §1: `seq`). A message's own row also
 * carries its current state, so that history needs no replay; a change names its message by `target_seq`. `message_id` is
 * the entry's own, so that ids ascend with `seq`.
 */
export interface Entry {
  readonly seq: number;
  readonly kind: EntryKind;
  readonly message_id: string;
  readonly sender_id: string;
  readonly client_message_id: string | null;
  readonly content: string;
  readonly reply_to_seq: number | null;
  readonly metadata: Record<string, Json> | null;
  readonly created_at: number;
  readonly edited_at: number | null;
  readonly deleted_at: number | null;
  readonly pinned_at: number | null;
  readonly target_seq: number | null;
  readonly extra: EntryExtra | null;
}

/** What an entry has that is neither a text nor about one. */
export const NO_MESSAGE = {
  client_message_id: null,
  content: "",
  reply_to_seq: null,
  metadata: null,
  edited_at: null,
  deleted_at: null,
  pinned_at: null,
  target_seq: null,
  extra: null,
} as const satisfies Partial<Entry>;

/** A payload as it goes over the wire: JSON, encoded once for everyone who gets the same. */
export type PayloadText = string;

export type Reaction = Message["reactions"][number];

/** An entry as clients see it: a message, or an event as a system message. */
export function messageOf(
  entry: Entry,
  conversation_id: string,
  reactions: readonly Reaction[] = [],
): Message {
  const { extra } = entry;
  return {
    message_id: entry.message_id,
    conversation_id,
    seq: entry.seq,
    sender_id: entry.sender_id,
    message_type: entry.kind === "event" ? "system" : "text",
    content: entry.content,
    ...(entry.client_message_id !== null && { client_message_id: entry.client_message_id }),
    reply_to_seq: entry.reply_to_seq,
    metadata: entry.metadata,
    created_at: entry.created_at,
    edited_at: entry.edited_at,
    deleted_at: entry.deleted_at,
    reactions: [...reactions],
    ...(entry.pinned_at !== null && { pinned_at: entry.pinned_at }),
    ...(extra?.mentions && extra.mentions.length > 0 && { mentions: [...extra.mentions] }),
    ...(extra?.forwarded_from && { forwarded_from: extra.forwarded_from }),
    ...(extra?.event && { event: extra.event }),
  };
}

/** A message that its reader may not read: where it stands, and nothing of what it says (CONV-4, CONV-5). */
export function withoutContent(message: Message): Message {
  const { message_id, conversation_id, seq, sender_id, message_type, created_at, deleted_at } = message;
  return {
    message_id,
    conversation_id,
    seq,
    sender_id,
    message_type,
    content: "",
    reply_to_seq: null,
    metadata: null,
    created_at,
    edited_at: message.edited_at,
    deleted_at,
    reactions: [],
  };
}

/** A message as one sees it who has reacted to it with these. */
export function withMine(message: Message, emoji: ReadonlySet<string>): Message {
  const reactions = message.reactions.map((reaction) => ({ ...reaction, mine: emoji.has(reaction.emoji) }));
  return { ...message, reactions };
}

/** A message as one sees it who has deleted it for itself: its place is taken, and nothing is said. */
export function hiddenForm(message: Message): Message {
  const { mentions: _mentions, pinned_at: _pinned_at, forwarded_from: _forwarded_from, ...rest } = message;
  return { ...rest, content: "", metadata: null, reactions: [], hidden: true };
}

/** A change as clients see it, with the message as it is now. */
export function updateOf(change: Entry & { readonly kind: MessageChange }, message: Message): MessageUpdate {
  const { conversation_id, message_id } = message;
  return { conversation_id, seq: change.seq, message_id, change: change.kind, message };
}

export function isChange(entry: Entry): entry is Entry & { readonly kind: MessageChange } {
  return entry.kind !== "message" && entry.kind !== "event";
}
