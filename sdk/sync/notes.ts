import type { FriendUpdate } from "../../src/protocol/frames/friend-update.ts";
import type { LogEvent } from "./events.ts";

/** What taking something in has led to: what is to be told, kept, acknowledged and fetched. */
export class Notes {
  readonly events: LogEvent[] = [];
  readonly friends: FriendUpdate[] = [];
  /** Own messages that the server has, by `client_message_id`. */
  readonly settled: string[] = [];
  /** Conversations that are shown otherwise now. */
  readonly changed = new Set<string>();
  /** Conversations of which entries came, known or not: the server wants to hear of it. */
  readonly unacked = new Set<string>();
  /** Messages to be kept: conversation id and `seq`. */
  readonly messages: { readonly conversation_id: string; readonly seq: number }[] = [];
  /** Conversations of which more is to be kept than messages. */
  readonly conversations = new Set<string>();
  readonly rows = new Set<string>();
  /** Conversations that their user is no member of any more. */
  readonly left = new Set<string>();
  /** Messages to be read once more: not all of them is known. */
  readonly incomplete: { readonly conversation_id: string; readonly seq: number }[] = [];
  /** Peers of whom only the id is known. */
  readonly strangers = new Set<string>();
  isInboxChanged = false;
  isTypingChanged = false;
}
