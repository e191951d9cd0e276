import type { Conversation } from "../../../src/protocol/conversation.ts";
import type { ConversationEvent } from "../../../src/protocol/event.ts";
import { type Message, messageSchema } from "../../../src/protocol/message.ts";

/** Where one message stands, for whoever wants to change it. */
export interface KnownMessage {
  readonly seq: number;
  readonly message_id: string;
  readonly sender_id: string;
}

/** An entry that tells a user that it has come, or gone. */
export type Passage = "came" | "went";

/** What a device shows of one conversation: its messages as they are by the newest entry it has seen of each. */
export class ConversationView {
  readonly messages = new Map<number, Message>();
  readonly known = new Map<number, KnownMessage>();
  /** Messages that the user has deleted for itself, by their ids: whatever comes of them, they are not shown. */
  readonly hidden = new Set<string>();
  /** The conversation as the newest event told it; null if one was read in the history, which does not say. */
  conversation: Conversation | null = null;
  isMember = true;
  readonly #user_id: string;
  /** Up to which entry the state of a message goes. */
  readonly #versions = new Map<number, number>();
  #event_seq = 0;
  #passage_seq = 0;

  constructor(user_id: string) {
    this.#user_id = user_id;
  }

  /** `version`: the state is as of this entry. */
  put(message: Message, version: number): void {
    const { seq } = message;
    if (version < (this.#versions.get(seq) ?? 0)) return;
    this.#versions.set(seq, version);
    if (message.hidden) this.hidden.add(message.message_id);
    // A frame says more than the message.
    this.messages.set(seq, messageSchema.parse(message));
    if (message.message_type === "text") this.known.set(seq, message);
  }

  sent(message: KnownMessage): void {
    if (!this.known.has(message.seq)) this.known.set(message.seq, message);
  }

  /** Takes in an event; answers if it is about the user itself, and the newest of that kind. */
  happened(seq: number, event: ConversationEvent, conversation: Conversation | null): Passage | null {
    if (seq >= this.#event_seq) {
      this.#event_seq = seq;
      this.conversation = conversation;
    }
    const passage = passageOf(event, this.#user_id);
    if (!passage || seq < this.#passage_seq) return null;
    this.#passage_seq = seq;
    this.isMember = passage === "came";
    return passage;
  }
}

export function passageOf(event: ConversationEvent, user_id: string): Passage | null {
  if (event.change === "deleted") return "went";
  if (event.change === "member_removed") return event.user_ids.includes(user_id) ? "went" : null;
  if (event.change === "member_added") return event.user_ids.includes(user_id) ? "came" : null;
  return null;
}
