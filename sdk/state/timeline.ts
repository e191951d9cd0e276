import type { Message } from "../../src/protocol/message.ts";
import type { FailureCause, OutMessage } from "../outbox/outbox.ts";
import { type Marks, statusAt } from "./marks.ts";

/** `pending`: on its way. `failed`: refused; `failure` says why. Of a group: how far all other members have got. */
export type MessageStatus = "pending" | "sent" | "delivered" | "read" | "failed";

/** A message as it is shown. One of one's own is there before the server knows of it: then it has no `seq` and no `message_id`. */
export interface ShownMessage extends Omit<Message, "seq" | "message_id"> {
  /** Stays the same from the first keystroke to the last receipt: a key for lists. */
  readonly key: string;
  readonly seq: number | null;
  readonly message_id: string | null;
  readonly mine: boolean;
  /** Null for messages of others. */
  readonly status: MessageStatus | null;
  readonly failure: FailureCause | null;
}

export interface TimelineInput {
  readonly user_id: string;
  /** Ascending. */
  readonly messages: readonly Message[];
  readonly unsent: readonly OutMessage[];
  readonly marks: Marks;
  /** The other members, as far as they are known. */
  readonly others: readonly string[];
}

interface Kept {
  readonly source: Message | OutMessage;
  readonly shown: ShownMessage;
}

/** Makes timelines in which what has not changed stays the same object. */
export class TimelineMaker {
  #shown = new Map<string, Kept>();
  #timeline: readonly ShownMessage[] = [];

  make({ user_id, messages, unsent, marks, others }: TimelineInput): readonly ShownMessage[] {
    const next = new Map<string, Kept>();
    const keep = (
      key: string,
      source: Message | OutMessage,
      make: () => ShownMessage,
      status: MessageStatus | null,
    ) => {
      const known = this.#shown.get(key);
      const kept =
        known?.source === source && known.shown.status === status ? known : { source, shown: make() };
      next.set(key, kept);
      return kept.shown;
    };
    const timeline: ShownMessage[] = [];
    for (const message of messages) {
      const mine = message.sender_id === user_id;
      const status = mine && message.message_type !== "system" ? statusAt(message.seq, marks, others) : null;
      const key = keyOf(message);
      timeline.push(keep(key, message, () => ({ ...message, key, mine, status, failure: null }), status));
    }
    for (const message of unsent) {
      const key = keyOf({ ...message, sender_id: user_id });
      // Acknowledged over another way just now: it stands among the others already.
      if (next.has(key)) continue;
      const status = message.failure ? "failed" : "pending";
      timeline.push(keep(key, message, () => shownUnsent(message, user_id, key, status), status));
    }
    this.#shown = next;
    const isSame =
      timeline.length === this.#timeline.length &&
      timeline.every((shown, index) => shown === this.#timeline[index]);
    if (!isSame) this.#timeline = timeline;
    return this.#timeline;
  }
}

/** By what its sender called it, since that is known before the server names it. */
function keyOf(message: {
  readonly sender_id: string;
  readonly client_message_id?: string | undefined;
  readonly message_id?: string;
}): string {
  const { sender_id, client_message_id, message_id = "" } = message;
  return client_message_id === undefined ? message_id : `${sender_id}:${client_message_id}`;
}

function shownUnsent(message: OutMessage, user_id: string, key: string, status: MessageStatus): ShownMessage {
  const { conversation_id, client_message_id, content, reply_to_seq, metadata, created_at, failure } =
    message;
  return {
    key,
    seq: null,
    message_id: null,
    conversation_id,
    sender_id: user_id,
    message_type: "text",
    content,
    client_message_id,
    reply_to_seq,
    metadata,
    created_at,
    edited_at: null,
    deleted_at: null,
    reactions: [],
    mine: true,
    status,
    failure,
  };
}
