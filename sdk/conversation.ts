import type { Conversation as Details, InboxRow } from "../src/protocol/conversation.ts";
import type { Json } from "../src/protocol/json.ts";
import { type Message, messageDraftSchema, type SentAck } from "../src/protocol/message.ts";
import { exceedsCodePoints } from "../src/protocol/text.ts";
import type { Engine } from "./engine.ts";
import type { Environment } from "./environment.ts";
import { UimError } from "./errors.ts";
import { HistoryView, PAGE } from "./history-view.ts";
import type { Api } from "./http/api.ts";
import type { InboxSettings } from "./http/conversations-api.ts";
import type { SearchRequest } from "./http/messages-api.ts";
import { Derived, type Observable } from "./observable.ts";
import type { ConversationState } from "./state/conversation-state.ts";
import type { MemberMarks } from "./state/marks.ts";
import { membersOf } from "./state/membership.ts";
import { type ShownMessage, TimelineMaker } from "./state/timeline.ts";
import { topOf } from "./sync/ranges.ts";

/** A conversation as it is shown: the same objects wherever nothing has changed. */
export interface ConversationSnapshot {
  readonly conversation_id: string;
  /** Its row in the inbox: name, peer, unread count, settings. Null while it is not known, and when the user has left. */
  readonly row: InboxRow | null;
  /** Role, description, settings of the group. Null until the conversation was opened or something was told of it. */
  readonly details: Details | null;
  /**
   * The newest messages, or those that were gone back to, as far as they are loaded, ascending; at most 1,000. What is not sent
   * yet stands behind the newest.
   */
  readonly messages: readonly ShownMessage[];
  /** There is more before the first of them: `loadEarlier()`. */
  readonly hasEarlier: boolean;
  /** There is more after the last of them: `loadLater()`, `showNewest()`. */
  readonly hasLater: boolean;
  /** Ids of those who are typing. */
  readonly typing: readonly string[];
  /** Ids of the members, as far as they are known. */
  readonly members: readonly string[];
  readonly marks: Readonly<Record<string, MemberMarks>>;
}

export interface SendOptions {
  readonly reply_to_seq?: number | null;
  readonly metadata?: Record<string, Json> | null;
  /** Chosen by the app, so that it can send the same again; by default a fresh one. */
  readonly client_message_id?: string;
}

/** A message on its way. */
export interface Sending {
  readonly client_message_id: string;
  /**
   * Resolves when the server has stored it, also after hours offline; rejects when it is refused for good or dropped, and with
   * `signed_out` when its user signs out or in anew before that.
   */
  readonly acknowledged: Promise<SentAck>;
}

export interface ConversationContext {
  readonly environment: Environment;
  readonly engine: Engine;
  readonly api: Api;
}

/** The server takes one frame in 3 s (TYPE-1). */
const TYPING_PAUSE_MS = 3_000;
/** In a larger group, how far everybody has got is not looked up. */
const MAX_MEMBERS_SHOWN = 200;

/** One conversation: what is shown of it, and what its user can do in it, from one sign-in to the next. */
export class Conversation implements Observable<ConversationSnapshot> {
  readonly conversation_id: string;
  readonly #context: ConversationContext;
  readonly #timeline = new TimelineMaker();
  readonly #history: HistoryView;
  readonly #shown: Derived<ConversationSnapshot>;
  #isOpen = false;
  /** How often it was closed: what opened it before must neither open it again nor close it for who has opened it since. */
  #closes = 0;
  #typing_at = Number.NEGATIVE_INFINITY;
  readonly getSnapshot: () => ConversationSnapshot;
  readonly subscribe: Observable<ConversationSnapshot>["subscribe"];

  constructor(conversation_id: string, context: ConversationContext) {
    this.conversation_id = conversation_id;
    this.#context = context;
    this.#history = new HistoryView(conversation_id, context);
    this.#shown = new Derived((before) => this.#derive(before));
    this.getSnapshot = this.#shown.getSnapshot;
    this.subscribe = this.#shown.subscribe;
    void this.#loadKept();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Something that is shown has changed. */
  changed(): void {
    this.#shown.changed();
  }

  /**
   * Shows it on screen: loads the newest page, the details and the members, and holds a socket of its own to it until `close()`.
   * Rejects if there is no such conversation for this user; offline it resolves with what is kept, and goes on when online. Closed
   * meanwhile, it stays so.
   */
  async open(): Promise<void> {
    const closes = this.#closes;
    await this.#loadKept();
    if (closes !== this.#closes) return;
    this.#isOpen = true;
    const { engine } = this.#context;
    engine.openSocket(this.conversation_id);
    engine.replica.conversation(this.conversation_id).isLookedAt = true;
    try {
      await this.refresh();
    } catch (error) {
      if (error instanceof UimError && error.code === "network") return;
      if (closes === this.#closes) this.close();
      throw error;
    }
  }

  close(): void {
    this.#closes++;
    this.#isOpen = false;
    this.#context.engine.closeSocket(this.conversation_id);
    this.#history.leave();
  }

  /** Asks the server for whatever of an open conversation is not known. */
  async refresh(): Promise<void> {
    const { api, engine } = this.#context;
    const { conversation_id } = this;
    const { replica } = engine;
    const as_of_seq = replica.conversation(conversation_id).details?.head_seq ?? 0;
    const details = await api.conversation(conversation_id);
    replica.takeDetails(details);
    if (isPoor(replica.conversation(conversation_id), details)) {
      const page = await api.history(conversation_id, { limit: PAGE });
      replica.takePage(conversation_id, {}, page, false);
    }
    if (details.member_count <= MAX_MEMBERS_SHOWN) {
      replica.takeMembers(conversation_id, await this.#allMembers(), as_of_seq);
    }
    engine.apply();
    engine.readUnsure(conversation_id);
  }

  /** Loads the page before the first message that is shown. Resolves to whether there is more before it. */
  loadEarlier(): Promise<boolean> {
    return this.#history.loadEarlier();
  }

  /** Loads the page after the last message that is shown, where that is not the newest. */
  loadLater(): Promise<void> {
    return this.#history.loadLater();
  }

  /** Shows an entry and what stands around it, however long ago it was. Resolves to false if somebody went elsewhere meanwhile. */
  showAround(seq: number): Promise<boolean> {
    return this.#history.showAround(seq);
  }

  /** Shows the newest messages again. */
  showNewest(): void {
    this.#history.showNewest();
  }

  /**
   * Sends a text: it is shown at once, kept, and sent until the server has it.
   * @throws UimError if it cannot be a message: empty, or too long; `signed_out` once its user has signed out or in anew
   */
  send(content: string, options: SendOptions = {}): Sending {
    const { engine, environment } = this.#context;
    const { reply_to_seq = null, metadata = null } = options;
    const client_message_id = options.client_message_id ?? environment.newId();
    const draft = { client_message_id, content, reply_to_seq, metadata };
    const checked = messageDraftSchema.safeParse(draft);
    if (!checked.success)
      throw new UimError("invalid_request", checked.error.message, { cause: checked.error });
    const { max_message_chars } = engine.sender.limits;
    if (exceedsCodePoints(content, max_message_chars)) {
      throw new UimError("message_too_long", `A message may have ${max_message_chars} characters`);
    }
    this.showNewest();
    const { conversation_id } = this;
    const acknowledged = engine.send({ ...draft, conversation_id, created_at: environment.now() });
    // Whoever does not ask what became of it sees it in the snapshot.
    acknowledged.catch(() => undefined);
    return { client_message_id, acknowledged };
  }

  /** Sends a message that failed once more. False if there is none. */
  retry(client_message_id: string): boolean {
    return this.#context.engine.sender.retry(client_message_id);
  }

  /** Gives up a message that is not sent. One that is under way may arrive all the same. */
  drop(client_message_id: string): boolean {
    return this.#context.engine.sender.drop(client_message_id);
  }

  /** The user has read up to here; by default everything. Is told until the server has taken it. */
  markRead(seq?: number): void {
    const { engine } = this.#context;
    const head = engine.replica.inbox.row(this.conversation_id)?.head_seq ?? 0;
    engine.markRead(this.conversation_id, Math.min(seq ?? head, head));
  }

  /** To be called with every keystroke; says so at most once in 3 s, and that it is over only if that is allowed by then. */
  setTyping(is_typing: boolean): void {
    const { engine, environment } = this.#context;
    const now = environment.now();
    if (now - this.#typing_at < TYPING_PAUSE_MS) return;
    const payload = { conversation_id: this.conversation_id, is_typing };
    if (engine.say(this.conversation_id, { type: "TYPING_INDICATOR", payload })) this.#typing_at = now;
  }

  edit(message_id: string, content: string): Promise<Message> {
    return this.#change(message_id, (api) => api.editMessage(this.conversation_id, message_id, { content }));
  }

  /** For everybody. The change comes over the socket, as to all others. */
  delete(message_id: string): Promise<undefined> {
    return this.#context.api.deleteMessage(this.conversation_id, message_id);
  }

  /** For the user alone, on all its devices. */
  hide(message_id: string): Promise<undefined> {
    return this.#context.api.hideMessage(this.conversation_id, message_id);
  }

  /** Passes a message on to another conversation. */
  forward(message_id: string, to_conversation_id: string): Promise<Message> {
    const { api, environment } = this.#context;
    const to = { conversation_id: to_conversation_id, client_message_id: environment.newId() };
    return api.forwardMessage(this.conversation_id, message_id, to);
  }

  react(message_id: string, emoji: string): Promise<Message> {
    return this.#change(message_id, (api) => api.react(this.conversation_id, message_id, emoji));
  }

  unreact(message_id: string, emoji: string): Promise<Message> {
    return this.#change(message_id, (api) => api.unreact(this.conversation_id, message_id, emoji));
  }

  pin(message_id: string): Promise<Message> {
    return this.#change(message_id, (api) => api.pin(this.conversation_id, message_id));
  }

  unpin(message_id: string): Promise<Message> {
    return this.#change(message_id, (api) => api.unpin(this.conversation_id, message_id));
  }

  /** What the user sets for itself: muted, pinned, archived, … What is left out stays. */
  async updateSettings(settings: InboxSettings): Promise<void> {
    const { api, engine } = this.#context;
    const row = await api.updateSettings(this.conversation_id, settings);
    if (row) engine.replica.takeRow(row);
    engine.apply();
  }

  search(request: SearchRequest) {
    return this.#context.api.searchMessages(this.conversation_id, request);
  }

  async #change(message_id: string, ask: (api: Api) => Promise<Message>): Promise<Message> {
    const { api, engine } = this.#context;
    const { log } = engine.replica.conversation(this.conversation_id);
    const seq = log.from(1).find((message) => message.message_id === message_id)?.seq;
    const version = seq === undefined ? undefined : log.get(seq)?.version;
    const message = await ask(api);
    if (version !== undefined) engine.replica.takeAnswer(message, version);
    engine.apply();
    return message;
  }

  async #loadKept(): Promise<void> {
    await this.#context.engine.keeper.loadMessages(this.conversation_id);
    this.changed();
  }

  async #allMembers() {
    const members = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<Api["members"]>> = await this.#context.api.members(
        this.conversation_id,
        {
          cursor,
          limit: 100,
        },
      );
      members.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null);
    return members;
  }

  #derive(before: ConversationSnapshot | undefined): ConversationSnapshot {
    const { engine } = this.#context;
    const { conversation_id } = this;
    const { replica, outbox } = engine;
    const state = replica.conversation(conversation_id);
    const row = replica.inbox.row(conversation_id);
    const { shown } = state;
    const isNewest = state.visited === null;
    const peer_id = state.details?.peer_id ?? row?.peer?.user_id;
    const members = state.hasMemberList ? membersOf(state.memberships) : [];
    const others =
      peer_id === undefined ? members.filter((user_id) => user_id !== replica.user_id) : [peer_id];
    const next: ConversationSnapshot = {
      conversation_id,
      row,
      details: state.details,
      messages: this.#timeline.make({
        user_id: replica.user_id,
        messages: shown === null ? [] : state.log.between(shown.from_seq, shown.to_seq ?? Infinity),
        unsent: isNewest ? outbox.of(conversation_id) : [],
        marks: state.marks,
        others,
      }),
      hasEarlier: shown === null ? (row?.head_seq ?? 0) > 0 : state.hasEarlier,
      hasLater: !isNewest,
      typing: sameList(before?.typing, Object.keys(state.typers)),
      members: sameList(before?.members, members),
      marks: state.marks,
    };
    return before && isSame(before, next) ? before : next;
  }
}

/** Is there more to show than what is here: newer entries, or the rest of a page? */
function isPoor({ log, newest_from }: ConversationState, { head_seq, readable_after_seq }: Details): boolean {
  if (topOf(log.held) < head_seq) return true;
  if (newest_from === null || newest_from <= readable_after_seq + 1) return false;
  return log.from(newest_from).length < PAGE / 2;
}

function sameList(before: readonly string[] | undefined, next: readonly string[]): readonly string[] {
  const isSameList = before?.length === next.length && next.every((item, index) => item === before[index]);
  return isSameList ? before : next;
}

function isSame(before: ConversationSnapshot, next: ConversationSnapshot): boolean {
  return (
    before.row === next.row &&
    before.details === next.details &&
    before.messages === next.messages &&
    before.hasEarlier === next.hasEarlier &&
    before.hasLater === next.hasLater &&
    before.typing === next.typing &&
    before.members === next.members &&
    before.marks === next.marks
  );
}
