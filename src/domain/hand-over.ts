import type { ConversationType } from "../protocol/conversation.ts";
import type { MarkAck } from "../protocol/frames/message-ack.ts";
import { type Entry, encodeMessage, type MessageText } from "./entry.ts";

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
}

/**
 * An entry on its way to the members: what their objects need to know of it, and the message as their devices get it.
 * The device that sent it has it already.
 */
export interface HandedEntry extends Pick<Entry, "seq" | "sender_id" | "created_at" | "deleted_at"> {
  readonly origin_device_id: string | null;
  readonly message: MessageText;
}

export function handEntry(
  entry: Entry,
  conversation_id: string,
  origin_device_id: string | null,
): HandedEntry {
  const { seq, sender_id, created_at, deleted_at } = entry;
  const message = encodeMessage(entry, conversation_id);
  return { seq, sender_id, created_at, deleted_at, origin_device_id, message };
}

/** Did this device send the entry? Device ids are chosen by clients: only a user's own are told apart by them. */
export function isOrigin(handed: HandedEntry, user_id: string, device_id: string): boolean {
  return handed.sender_id === user_id && handed.origin_device_id === device_id;
}

/** An ack that a client made on a conversation socket, for its user's object to know. */
export interface ForwardedAck {
  readonly device_id: string;
  readonly seq: number;
  /** When it was made (Unix ms). */
  readonly at: number;
}

/** Where the conversation says a member has read to, and what that left unread as of entry `as_of_seq`. */
export interface ReadState {
  readonly read_seq: number;
  readonly unread_count: number;
  readonly as_of_seq: number;
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
}
