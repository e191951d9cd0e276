import type { Conversation, InboxRow, Member } from "../../src/protocol/conversation.ts";
import type { ConversationEvent } from "../../src/protocol/event.ts";
import type { MarkAck } from "../../src/protocol/frames/message-ack.ts";
import type { HistoryPage, Message, MessageUpdate, SentAck } from "../../src/protocol/message.ts";
import type { User } from "../../src/protocol/user.ts";
import type { NewMessage } from "../outbox/outbox.ts";
import { ConversationState } from "../state/conversation-state.ts";
import { Inbox } from "../state/inbox.ts";
import { moveMark } from "../state/marks.ts";
import { afterEvent, afterList } from "../state/membership.ts";
import { coverageOf } from "../state/message-log.ts";
import { type Typers, takeTyping, withoutTyper } from "../state/typing.ts";
import type { IncomingFrame } from "../wire/server-frame.ts";
import type { LogEvent } from "./events.ts";
import { Notes } from "./notes.ts";
import type { Position } from "./position.ts";

/** Which way a frame came. Only the device socket is pushed everything that this device lacks. */
export type Way = "device" | "conversation";

/** A text that may name members: whom, only the server knows. */
const NAMES_SOMEBODY = /(?:^|[^\w@])@\w/;

/**
 * What the server holds for one user, as far as this device knows. Frames, answers and pages may come in any order and again; the
 * outcome is the same (docs/protocol.md §4, DLV-4). It does nothing by itself: what follows stands in its notes.
 */
export class Replica {
  readonly user_id: string;
  readonly inbox: Inbox;
  readonly #conversations = new Map<string, ConversationState>();
  #notes = new Notes();

  constructor(user_id: string) {
    this.user_id = user_id;
    this.inbox = new Inbox(user_id);
  }

  get conversations(): ReadonlyMap<string, ConversationState> {
    return this.#conversations;
  }

  conversation(conversation_id: string): ConversationState {
    return this.restore(conversation_id, undefined);
  }

  /** A conversation as it was kept, unless it is known already. */
  restore(conversation_id: string, position: Position | undefined): ConversationState {
    const known = this.#conversations.get(conversation_id);
    if (known) return known;
    const state = new ConversationState(conversation_id, position);
    this.#conversations.set(conversation_id, state);
    return state;
  }

  /** What everything since the last call has led to. */
  takeNotes(): Notes {
    const notes = this.#notes;
    this.#notes = new Notes();
    return notes;
  }

  takeFrame(frame: IncomingFrame, way: Way, now: number): void {
    switch (frame.type) {
      case "MESSAGE_RECEIVE": {
        const { sync_id: _, ...message } = frame.payload;
        this.#begin(message.conversation_id, message.seq, way);
        this.#takeNew(message, message.seq);
        break;
      }
      case "MESSAGE_UPDATE": {
        const { sync_id: _, ...update } = frame.payload;
        this.#begin(update.conversation_id, update.seq, way);
        this.#takeUpdate(update, update.seq);
        break;
      }
      case "MESSAGE_HIDDEN":
        this.#hide(frame.payload.conversation_id, frame.payload.seq);
        break;
      case "CONVERSATION_UPDATE": {
        const update = frame.payload;
        this.#begin(update.conversation_id, update.seq, way);
        this.takeDetails(update.conversation);
        this.#takeNew(update.message, update.seq);
        break;
      }
      case "MESSAGE_ACK":
        // An ack of one's own message needs what was written: see takeSent.
        if (frame.payload.status !== "sent") this.#takeMark(frame.payload);
        break;
      case "INBOX_UPDATE":
        this.takeRow(frame.payload);
        break;
      case "SYNC_GAP": {
        const { conversation_id, ...gap } = frame.payload;
        this.conversation(conversation_id).announce(gap);
        this.#noteLog(conversation_id);
        break;
      }
      case "TYPING_INDICATOR": {
        const state = this.conversation(frame.payload.conversation_id);
        this.#setTypers(state, takeTyping(state.typers, frame.payload, now));
        break;
      }
      case "FRIEND_UPDATE":
        this.#notes.friends.push(frame.payload);
        break;
    }
  }

  /** A message of this device has become an entry. */
  takeSent(ack: SentAck, draft: NewMessage): void {
    const { conversation_id, message_id, seq, created_at } = ack;
    const { client_message_id, content, reply_to_seq, metadata } = draft;
    // Whatever the server says of it counts more: an ack does not tell whom it names.
    const version = seq - 1;
    this.#takeNew(
      {
        message_id,
        conversation_id,
        seq,
        sender_id: this.user_id,
        message_type: "text",
        content,
        client_message_id,
        reply_to_seq,
        metadata,
        created_at,
        edited_at: null,
        deleted_at: null,
        reactions: [],
      },
      version,
    );
    if (NAMES_SOMEBODY.test(content)) this.#notes.incomplete.push({ conversation_id, seq });
  }

  /** Messages of this device that may name members, and nothing has told whom. */
  unsureSeqs(conversation_id: string): number[] {
    const { unconfirmed } = this.conversation(conversation_id).log;
    return unconfirmed.filter(({ content }) => NAMES_SOMEBODY.test(content)).map(({ seq }) => seq);
  }

  /** `isFill`: these entries were missed, and take the place of the frames that did not come. Otherwise somebody just looks. */
  takePage(
    conversation_id: string,
    query: { readonly before_seq?: number; readonly after_seq?: number },
    page: HistoryPage,
    isFill: boolean,
  ): void {
    const state = this.conversation(conversation_id);
    const coverage = coverageOf(page, query);
    for (const message of page.items) {
      if (isFill) this.#takeNew(message, page.head_seq);
      else this.#hold(message, page.head_seq);
    }
    for (const update of page.updates) {
      if (isFill) this.#takeUpdate(update, page.head_seq);
      else this.#hold(update.message, page.head_seq);
    }
    state.takeCoverage(coverage, page.head_seq);
    if (isFill) state.receiveRange(coverage);
    this.#noteLog(conversation_id);
  }

  /** The answer to a change of a message; `version` is what `versionOf` said before. */
  takeAnswer(message: Message, version: number | undefined): void {
    const { conversation_id, seq } = message;
    if (this.conversation(conversation_id).log.takeAnswer(message, version))
      this.#noteMessage(conversation_id, seq);
  }

  takeRow(row: InboxRow): void {
    const { conversation_id, head_seq } = row;
    const state = this.#conversations.get(conversation_id);
    // It was told before its user's object heard of the leaving, which this device has.
    if (state?.wasOverAfter(head_seq) || !this.inbox.takeRow(row)) return;
    state?.beginAnew();
    this.#noteRow(conversation_id);
    const peer = this.inbox.told(conversation_id)?.peer;
    if (peer && peer.username === undefined) this.#notes.strangers.add(peer.user_id);
  }

  takeProfile(user: User): void {
    for (const conversation_id of this.inbox.takeProfile(user)) this.#noteRow(conversation_id);
  }

  takeDetails(details: Conversation): void {
    const state = this.conversation(details.conversation_id);
    // What is told of a later state of the log is newer.
    if (state.details && state.details.head_seq > details.head_seq) return;
    state.details = details;
    this.#notes.changed.add(details.conversation_id);
    this.#notes.conversations.add(details.conversation_id);
  }

  /** `as_of_seq`: the newest entry that was known when they were asked for. */
  takeMembers(conversation_id: string, members: readonly Member[], as_of_seq: number): void {
    const state = this.conversation(conversation_id);
    const user_ids = members.map(({ user_id }) => user_id);
    state.memberships = afterList(state.memberships, user_ids, as_of_seq);
    state.hasMemberList = true;
    for (const { user_id, delivered_seq, read_seq } of members) {
      state.marks = moveMark(state.marks, user_id, "delivered", delivered_seq);
      state.marks = moveMark(state.marks, user_id, "read", read_seq);
    }
    this.#notes.changed.add(conversation_id);
    this.#notes.conversations.add(conversation_id);
  }

  read(conversation_id: string, seq: number): boolean {
    if (!this.inbox.read(conversation_id, seq)) return false;
    this.#noteRow(conversation_id);
    return true;
  }

  /** The server does not take this conversation's read mark. */
  forgetRead(conversation_id: string): void {
    this.inbox.forgetRead(conversation_id);
    this.#noteRow(conversation_id);
  }

  /** Nothing before this entry is fetched by itself any more. */
  skipTo(conversation_id: string, first_seq: number): void {
    this.conversation(conversation_id).skipTo(first_seq);
    this.#noteLog(conversation_id);
  }

  /** Somebody has moved to another part of its log. */
  noteShown(conversation_id: string): void {
    this.#notes.changed.add(conversation_id);
  }

  removeRow(conversation_id: string): void {
    this.inbox.remove(conversation_id);
    this.#noteRow(conversation_id);
  }

  /** Everything that was known of logs and inbox is void (`reset` of SYNC_COMPLETE). Who looks at one goes on looking. */
  clear(): void {
    const before = [...this.#conversations.values()];
    this.#conversations.clear();
    for (const { conversation_id, isLookedAt } of before) {
      this.#notes.changed.add(conversation_id);
      if (isLookedAt) this.conversation(conversation_id).isLookedAt = true;
    }
    this.inbox.clear();
    this.#notes.isInboxChanged = true;
  }

  #begin(conversation_id: string, seq: number, way: Way): void {
    if (way === "device") this.conversation(conversation_id).beginAt(seq);
  }

  /** An entry that is a message or an event. */
  #takeNew(message: Message, version: number): void {
    const { conversation_id, seq, sender_id, client_message_id } = message;
    const state = this.conversation(conversation_id);
    const mine = sender_id === this.user_id;
    const isNew = state.receive(seq, eventOf(message, mine));
    if (message.hidden === true) this.#hide(conversation_id, seq);
    if (isNew && message.event) this.#followMembers(state, seq, message.event);
    this.#setTypers(state, withoutTyper(state.typers, sender_id));
    if (mine && client_message_id !== undefined) this.#notes.settled.push(client_message_id);
    this.#hold(message, version);
    state.log.cover(seq, seq);
    this.inbox.takeEntry(conversation_id, { seq, change: null, message });
    this.#noteLog(conversation_id);
  }

  #takeUpdate(update: MessageUpdate, version: number): void {
    const { conversation_id, seq, change, message } = update;
    const state = this.conversation(conversation_id);
    state.receive(seq, message.hidden === true ? null : { name: "change", value: update });
    if (message.hidden === true) this.#hide(conversation_id, message.seq);
    this.#hold(message, version);
    state.log.cover(seq, seq);
    this.inbox.takeEntry(conversation_id, { seq, change, message });
    this.#noteLog(conversation_id);
  }

  #setTypers(state: ConversationState, typers: Typers): void {
    if (typers === state.typers) return;
    state.typers = typers;
    this.#notes.isTypingChanged = true;
    this.#notes.changed.add(state.conversation_id);
  }

  #followMembers(state: ConversationState, seq: number, event: ConversationEvent): void {
    const { conversation_id } = state;
    state.memberships = afterEvent(state.memberships, event, seq);
    const hasCome = event.change === "member_added" && event.user_ids.includes(this.user_id);
    // What was said while the user was not there is not this device's to receive.
    if (hasCome) state.skipTo(seq);
    if (hasCome && state.memberships[this.user_id]?.isMember) state.beginAnew();
    const hasGone = event.change === "member_removed" && event.user_ids.includes(this.user_id);
    const isOver = event.change === "deleted" || (hasGone && !state.memberships[this.user_id]?.isMember);
    if (!isOver) return;
    this.#notes.left.add(conversation_id);
    // A row that is newer than this leaving tells of a return.
    if ((this.inbox.told(conversation_id)?.head_seq ?? 0) > seq) return;
    state.end(seq);
    this.removeRow(conversation_id);
  }

  #hide(conversation_id: string, seq: number): void {
    this.conversation(conversation_id).log.hide(seq);
    this.inbox.hide(conversation_id, seq);
    this.#noteLog(conversation_id);
  }

  #takeMark({ conversation_id, user_id, status, seq }: MarkAck): void {
    const state = this.conversation(conversation_id);
    const marks = moveMark(state.marks, user_id, status, seq);
    if (marks === state.marks) return;
    state.marks = marks;
    this.#notes.changed.add(conversation_id);
    this.#notes.conversations.add(conversation_id);
  }

  #hold(message: Message, version: number): void {
    const { conversation_id, seq } = message;
    if (this.conversation(conversation_id).log.take(message, version))
      this.#noteMessage(conversation_id, seq);
  }

  #noteMessage(conversation_id: string, seq: number): void {
    this.#notes.messages.push({ conversation_id, seq });
    this.#notes.changed.add(conversation_id);
  }

  #noteLog(conversation_id: string): void {
    const notes = this.#notes;
    notes.events.push(...this.conversation(conversation_id).tell());
    notes.changed.add(conversation_id);
    notes.unacked.add(conversation_id);
    notes.conversations.add(conversation_id);
    notes.rows.add(conversation_id);
    notes.isInboxChanged = true;
  }

  #noteRow(conversation_id: string): void {
    this.#notes.rows.add(conversation_id);
    this.#notes.changed.add(conversation_id);
    this.#notes.isInboxChanged = true;
  }
}

function eventOf(message: Message, mine: boolean): LogEvent | null {
  if (message.event) return { name: "event", value: message };
  // Of what was deleted before it came there is nothing to tell.
  const isTold = !mine && message.message_type !== "system" && message.deleted_at === null;
  return isTold && !(message.hidden === true) ? { name: "message", value: message } : null;
}
