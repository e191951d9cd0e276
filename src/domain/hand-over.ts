import type { ConversationType } from "../protocol/conversation.ts";
import type { MarkAck } from "../protocol/frames/message-ack.ts";
import type { ServerFrame } from "../protocol/frames/server-frame.ts";
import { type Entry, type EntryKind, messageOf, type PayloadText } from "./entry.ts";

/** What an inbox row shows of its conversation, as one member sees it. */
export interface ConversationFace {
  readonly conversation_id: string;
  readonly type: ConversationType;
  readonly name: string | null;
  readonly avatar_url: string | null;
  readonly peer_id: string | null;
  readonly created_at: number;
  /** The member reads from the entry after this one (CONV-5). */
  readonly joined_seq: number;
  /** The entry with which the member left, or was removed: the last one it gets (CONV-4). Null for who is a member. */
  readonly left_seq: number | null;
  /** The member has not accepted the conversation, which a stranger began. */
  readonly is_request: boolean;
}

/** The message that a change is about. */
export interface Target {
  readonly seq: number;
  readonly sender_id: string;
  /** Whom it named before the change. */
  readonly mentions: readonly string[];
}

/**
 * An entry on its way to one member: what the member's object needs to know of it, and the payload of the frame that its
 * devices get. The device that made the entry has a message already.
 */
export interface HandedEntry extends Pick<Entry, "seq" | "kind" | "sender_id" | "created_at"> {
  readonly origin_device_id: string | null;
  /** Whom a message names as it was sent, or after its change. */
  readonly mentions: readonly string[];
  readonly target: Target | null;
  readonly payload: PayloadText;
  /** A message that the member has deleted for itself before it was handed over. */
  readonly is_hidden?: boolean;
}

/**
 * An entry for all members. `personal`: what one of them gets instead, since it sees it with its own eyes, or null. It is
 * encoded when it is needed: a thousand copies of a long message would not fit into memory.
 */
export interface PublishedEntry {
  readonly handed: HandedEntry;
  readonly personal: ((user_id: string) => PayloadText | null) | null;
}

const NOBODY: readonly string[] = [];

/** A new message, the same for everyone. */
export function publishMessage(
  entry: Entry,
  conversation_id: string,
  origin_device_id: string | null,
): PublishedEntry {
  const payload = JSON.stringify(messageOf(entry, conversation_id));
  return { handed: handEntry(entry, null, origin_device_id, payload), personal: null };
}

/** `target_entry`: the message that a change is about. */
export function handEntry(
  entry: Entry,
  target_entry: Entry | null,
  origin_device_id: string | null,
  payload: PayloadText,
): HandedEntry {
  const { seq, kind, sender_id, created_at, extra } = entry;
  const before = extra?.first_mentions;
  return {
    seq,
    kind,
    sender_id,
    created_at,
    origin_device_id,
    // A message counts as it was sent: what changed since is an entry of its own (UNR-1).
    mentions: (kind === "message" ? before : null) ?? extra?.mentions ?? NOBODY,
    target: target_entry && {
      seq: target_entry.seq,
      sender_id: target_entry.sender_id,
      mentions: before ?? NOBODY,
    },
    payload,
  };
}

/** The entry as `user_id` gets it. */
export function handedTo({ handed, personal }: PublishedEntry, user_id: string): HandedEntry {
  const payload = personal?.(user_id) ?? null;
  return payload === null ? handed : { ...handed, payload };
}

/** The frame by which a device hears of an entry. */
export function frameTypeOf(
  kind: EntryKind,
): Extract<ServerFrame["type"], "MESSAGE_RECEIVE" | "MESSAGE_UPDATE" | "CONVERSATION_UPDATE"> {
  if (kind === "message") return "MESSAGE_RECEIVE";
  return kind === "event" ? "CONVERSATION_UPDATE" : "MESSAGE_UPDATE";
}

/**
 * Did this device send the message? Device ids are chosen by clients: only a user's own are told apart by them. Of a change the
 * device that made it is told as well: it learns the entry's place from nothing else.
 */
export function isOrigin(handed: HandedEntry, user_id: string, device_id: string): boolean {
  return handed.kind === "message" && handed.sender_id === user_id && handed.origin_device_id === device_id;
}

/** An ack that a client made on a conversation socket, for its user's object to know. */
export interface ForwardedAck {
  readonly device_id: string;
  readonly seq: number;
  /** When it was made (Unix ms). */
  readonly at: number;
}

/** A message that a member has deleted for itself; `place`: the how-manieth it has hidden in this conversation, from 1. */
export interface HiddenMessage {
  readonly place: number;
  readonly seq: number;
  readonly message_id: string;
  /** The message before it that the member still sees. */
  readonly before: PayloadText | null;
}

/** What a member has hidden. It is no part of the log, but only grows, so that its number tells which of two is newer. */
export interface HiddenState {
  readonly count: number;
  /** Of the messages after its read mark: these do not count as unread. */
  readonly unread_seqs: readonly number[];
  /** Those of which its object may not know. */
  readonly news: readonly HiddenMessage[];
}

/** Where the conversation says a member has read to, and what that left unread as of entry `as_of_seq`. */
export interface ReadState {
  readonly read_seq: number;
  readonly unread_count: number;
  readonly mention_count: number;
  readonly as_of_seq: number;
  /** Absent where it has hidden nothing. */
  readonly hidden?: HiddenState;
}

/**
 * What a conversation gives one member's object in one call. Entries are ascending, without a gap, and begin at
 * `after_seq + 1`; a member's object that has not got so far takes nothing, and is served from where its receipt says.
 */
export interface HandOver {
  readonly face: ConversationFace;
  readonly after_seq: number;
  readonly entries: readonly HandedEntry[];
  readonly acks: readonly ForwardedAck[];
  readonly ticks: readonly MarkAck[];
  readonly read: ReadState | null;
}

/** How far a member's object has got with a conversation; `listening` while a device socket is open. */
export interface HandOverReceipt {
  readonly head_seq: number;
  readonly delivered_seq: number;
  readonly delivered_at: number;
  readonly read_seq: number;
  readonly listening: boolean;
  /** Of how many messages that its user has hidden the object knows, and does not count them. */
  readonly hidden_count?: number;
  /** Whether its user gives read receipts (DLV-6). */
  readonly read_receipts?: boolean;
}
