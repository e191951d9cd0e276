import { type Entry, NO_MESSAGE } from "../../src/domain/entry.ts";
import { type ConversationFace, type HandedEntry, publishMessage } from "../../src/domain/hand-over.ts";
import type { MessageDraft } from "../../src/protocol/message.ts";

export const ME = "01890000-0000-7000-8000-00000000000a";
export const OTHER = "01890000-0000-7000-8000-00000000000b";
export const NOW = 1_700_000_100_000;
export const CONVERSATION = "01890000-0000-5000-8000-00000000000c";

/** A UUIDv7 made from a time and a number. */
export function uuid7(time: number, random: number): string {
  const hex = time.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${random.toString(16).padStart(12, "0")}`;
}

export function draftOf(change: Partial<MessageDraft> = {}): MessageDraft {
  return {
    client_message_id: "c1",
    content: "hello",
    message_type: "text",
    reply_to_seq: null,
    metadata: null,
    ...change,
  };
}

export function entryOf(seq: number, change: Partial<Entry> = {}): Entry {
  return {
    ...NO_MESSAGE,
    seq,
    kind: "message",
    message_id: uuid7(1_700_000_000_000, seq),
    sender_id: OTHER,
    client_message_id: `c${seq}`,
    content: `message ${seq}`,
    created_at: 1_700_000_000_000 + seq,
    ...change,
  };
}

/** An entry by the other user or, if a device is named, by me from there. */
export function handedOf(seq: number, my_device_id?: string): HandedEntry {
  const published =
    my_device_id === undefined
      ? publishMessage(entryOf(seq), CONVERSATION, "theirs")
      : publishMessage(entryOf(seq, { sender_id: ME }), CONVERSATION, my_device_id);
  return published.handed;
}

export function faceOf(joined_seq: number): ConversationFace {
  return {
    conversation_id: CONVERSATION,
    type: "one_on_one",
    name: null,
    avatar_url: null,
    peer_id: OTHER,
    created_at: 1_700_000_000_000,
    joined_seq,
    left_seq: null,
    is_request: false,
  };
}
