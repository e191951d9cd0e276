import fc from "fast-check";
import type { IncomingFrame } from "../../../sdk/wire/server-frame.ts";
import type { ConversationEvent } from "../../../src/protocol/event.ts";
import type {
  HistoryPage,
  Message,
  MessageChange,
  MessageUpdate,
  SentAck,
} from "../../../src/protocol/message.ts";

export const ME = "01900000-0000-7000-8000-00000000000a";
export const OTHER = "01900000-0000-7000-8000-00000000000b";
export const CHAT = "11111111-1111-4111-8111-111111111111";

/** What happens in a conversation. `pick` chooses among the messages that there are. */
export type Step =
  | {
      readonly kind: "message";
      readonly sender_id: string;
      readonly isFromHere: boolean;
      readonly content?: string;
      readonly client_message_id?: string;
    }
  | { readonly kind: "change"; readonly change: MessageChange; readonly pick: number }
  | { readonly kind: "renamed" };

export const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("message" as const),
      sender_id: fc.constant(OTHER),
      isFromHere: fc.constant(false),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("message" as const),
      sender_id: fc.constant(ME),
      isFromHere: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("change" as const),
      change: fc.constantFrom<MessageChange>("edited", "deleted", "reaction", "pinned"),
      pick: fc.nat(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "renamed" as const }) },
);

export interface Entry {
  readonly seq: number;
  /** Of the message that it is, or is about. */
  readonly message_seq: number;
  readonly change: MessageChange | null;
  readonly isFromHere: boolean;
}

/** A conversation as the server has it: a log, and how its messages were after each entry. */
export class LogModel {
  readonly entries: Entry[] = [];
  /** After entry n at index n. */
  readonly #states: ReadonlyMap<number, Message>[] = [new Map()];

  constructor(steps: readonly Step[]) {
    for (const step of steps) this.take(step);
  }

  get head_seq(): number {
    return this.entries.length;
  }

  /** Messages and events as they were after entry `as_of_seq`, ascending. */
  messages(as_of_seq = this.head_seq): Message[] {
    return [...(this.#states[as_of_seq]?.values() ?? [])].sort((a, b) => a.seq - b.seq);
  }

  /** UNR-1, for who has read nothing. */
  get unread_count(): number {
    return this.messages().filter(
      ({ sender_id, message_type, deleted_at }) =>
        sender_id !== ME && message_type === "text" && deleted_at === null,
    ).length;
  }

  message(seq: number, as_of_seq: number): Message {
    const message = this.#states[as_of_seq]?.get(seq);
    if (!message) throw new Error(`there is no message ${seq} at ${as_of_seq}`);
    return message;
  }

  /** The frame of an entry, if it is made when the log has come to `as_of_seq`. */
  frame({ seq, message_seq, change }: Entry, as_of_seq = seq): IncomingFrame {
    const message = this.message(message_seq, as_of_seq);
    if (change !== null) {
      const { message_id } = message;
      return { type: "MESSAGE_UPDATE", payload: { conversation_id: CHAT, seq, message_id, change, message } };
    }
    if (!message.event) return { type: "MESSAGE_RECEIVE", payload: message };
    const conversation = conversationAt(seq);
    return {
      type: "CONVERSATION_UPDATE",
      payload: { conversation_id: CHAT, seq, change: message.event.change, conversation, message },
    };
  }

  ack({ seq }: Entry): SentAck {
    const { message_id, client_message_id = "", created_at } = this.message(seq, seq);
    return {
      status: "sent",
      conversation_id: CHAT,
      client_message_id,
      message_id,
      seq,
      created_at,
      duplicate: false,
    };
  }

  /** `GET …/messages`, as of entry `as_of_seq`. */
  page(
    query: { readonly before_seq?: number; readonly after_seq?: number; readonly limit: number },
    as_of_seq = this.head_seq,
  ): HistoryPage {
    const { before_seq, after_seq, limit } = query;
    const shown = this.messages(as_of_seq);
    if (after_seq === undefined) {
      const before = shown.filter(({ seq }) => seq < (before_seq ?? as_of_seq + 1));
      const items = before.slice(-limit);
      const has_more = before.length > items.length;
      return { items, updates: [], head_seq: as_of_seq, has_more, next_after_seq: null };
    }
    const after = shown.filter(({ seq }) => seq > after_seq);
    const items = after.slice(0, limit);
    const has_more = after.length > items.length;
    const up_to = has_more ? (items.at(-1)?.seq ?? as_of_seq) : as_of_seq;
    const updates = new Map<number, MessageUpdate>();
    for (const { seq, message_seq, change } of this.entries) {
      if (seq <= after_seq || seq > up_to || change === null || message_seq > after_seq) continue;
      const message = this.message(message_seq, as_of_seq);
      updates.set(message_seq, {
        conversation_id: CHAT,
        seq,
        message_id: message.message_id,
        change,
        message,
      });
    }
    return {
      items,
      updates: [...updates.values()].sort((a, b) => a.seq - b.seq),
      head_seq: as_of_seq,
      has_more,
      next_after_seq: has_more ? up_to : null,
    };
  }

  take(step: Step): void {
    const seq = this.entries.length + 1;
    const before = this.#states.at(-1) ?? new Map<number, Message>();
    if (step.kind === "change") {
      const changeable = [...before.values()].filter(
        ({ message_type, deleted_at }) => message_type === "text" && deleted_at === null,
      );
      const target = changeable[step.pick % Math.max(1, changeable.length)];
      if (!target) return;
      this.#append(seq, target.seq, step.change, false, changed(target, step.change, seq));
    } else if (step.kind === "renamed") {
      const event: ConversationEvent = { change: "renamed", name: `name ${seq}` };
      this.#append(seq, seq, null, false, { ...newMessage(seq, OTHER, ""), message_type: "system", event });
    } else {
      const { sender_id, content = `text ${seq}`, client_message_id = `m${seq}` } = step;
      const message = { ...newMessage(seq, sender_id, content), client_message_id };
      this.#append(seq, seq, null, step.isFromHere, message);
    }
  }

  #append(
    seq: number,
    message_seq: number,
    change: MessageChange | null,
    isFromHere: boolean,
    message: Message,
  ): void {
    this.entries.push({ seq, message_seq, change, isFromHere });
    this.#states.push(new Map(this.#states.at(-1)).set(message_seq, message));
  }
}

export function newMessage(seq: number, sender_id: string, content: string): Message {
  return {
    message_id: `01900000-0000-7000-9000-${String(seq).padStart(12, "0")}`,
    conversation_id: CHAT,
    seq,
    sender_id,
    message_type: "text",
    content,
    reply_to_seq: null,
    metadata: null,
    created_at: seq,
    edited_at: null,
    deleted_at: null,
    reactions: [],
  };
}

function changed(message: Message, change: MessageChange, seq: number): Message {
  switch (change) {
    case "edited":
      return { ...message, content: `edited at ${seq}`, edited_at: seq };
    case "deleted":
      return { ...message, content: "", deleted_at: seq };
    case "reaction":
      return { ...message, reactions: [{ emoji: "👍", count: seq, mine: false }] };
    case "pinned":
      return { ...message, pinned_at: seq };
  }
}

export function conversationAt(head_seq: number) {
  return {
    conversation_id: CHAT,
    type: "group" as const,
    name: `name ${head_seq}`,
    description: null,
    avatar_url: null,
    created_by: OTHER,
    created_at: 0,
    member_count: 3,
    head_seq,
    role: "member" as const,
    history_visible: false,
    readable_after_seq: 0,
  };
}

/** The row of a conversation that has just begun. */
export function emptyRow() {
  return {
    conversation_id: CHAT,
    type: "group" as const,
    name: "name",
    avatar_url: null,
    last_message: null,
    head_seq: 0,
    read_seq: 0,
    unread_count: 0,
    mention_count: 0,
    muted_until: null,
    notifications: "all" as const,
    pinned: false,
    archived: false,
    marked_unread: false,
    is_request: false,
    updated_at: 0,
    sync_id: 1,
  };
}
