import type { FriendUpdate } from "../src/protocol/frames/friend-update.ts";
import type { Typing } from "../src/protocol/frames/typing-indicator.ts";
import type { Message, MessageUpdate } from "../src/protocol/message.ts";
import type { Presence } from "../src/protocol/user.ts";
import type { UimError } from "./errors.ts";
import type { OutMessage } from "./outbox/outbox.ts";

/** What a client tells of, by name. */
export interface ClientEvents {
  /** A message by somebody else: of each conversation in order, each once; also what was missed while offline. */
  readonly message: Message;
  /** A message was edited, deleted, pinned or reacted to. */
  readonly change: MessageUpdate;
  /** Something happened to a group: a system message, whose `event` says what. */
  readonly event: Message;
  readonly typing: Typing;
  readonly presence: Presence;
  readonly friend: FriendUpdate;
  /** The server refused a message for good. */
  readonly failed: OutMessage;
  /** The session has ended: sign in again. */
  readonly signed_out: UimError;
  /** Nothing that the client could not go on after: a listener threw, the storage failed, the server said something odd. */
  readonly error: unknown;
}
