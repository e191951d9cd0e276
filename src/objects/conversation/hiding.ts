import type { HandOverReceipt, HiddenMessage, ReadState } from "../../domain/hand-over.ts";
import { NO_MESSAGE_THERE, refuseTarget } from "../../domain/message-changes.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import { encodeFrame, sendText } from "../runtime/frame-writer.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import type { ConversationSocket } from "./attachment.ts";
import { readState } from "./commit.ts";
import type { Feeds } from "./feeds.ts";
import type { HiddenPlace } from "./hidden-store.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore, MemberRecord } from "./store.ts";
import { LogView } from "./view.ts";

/** So many hidden messages go with one call. */
const NEWS_PER_CALL = 100;

/** Which unread messages a member has hidden goes along with each of its marks. Whoever hides more has seen them. */
const MAX_UNREAD = 1_000;

export interface HidingContext {
  readonly store: ConversationStore;
  readonly state: ConversationState;
  readonly sockets: SocketSet<ConversationSocket>;
  readonly feeds: Feeds;
}

/** What members delete for themselves alone. */
export class Hiding {
  readonly #context: HidingContext;
  /** Of how many messages that they have hidden members' objects knew when they were told of the rest. */
  readonly #told = new Map<string, number>();

  constructor(context: HidingContext) {
    this.#context = context;
  }

  /** Resolves when the member's object knows, or cannot be reached: then it is owed. */
  async hide(member: MemberRecord, message_id: string, now: number): Promise<Refusal | null> {
    const { store, state, feeds } = this.#context;
    const { user_id } = member;
    const target = store.entries.findById(message_id);
    const cause = refuseTarget(target, state.readableAfter(member));
    if (cause || !target) return cause ?? NO_MESSAGE_THERE;
    if (this.#isTooMuch(member, target.seq))
      return refusal("conflict", `Mark as read first: ${MAX_UNREAD} messages that are unread are deleted`);
    const place = store.hidden.add(user_id, target.seq);
    if (place !== null) {
      store.unread.hide(user_id, target);
      this.#show(user_id, message_id, target.seq);
      feeds.of(user_id).setRead(this.#news(member, [{ place, seq: target.seq }]));
      feeds.owe(now);
    }
    await feeds.serve(user_id, now);
    return null;
  }

  /** A member's object that does not know of all its user has hidden is told; once, should it be unable to take it. */
  putRight(member: MemberRecord, { hidden_count }: HandOverReceipt): void {
    const { store, feeds } = this.#context;
    const { user_id } = member;
    const isTold = hidden_count === undefined || hidden_count >= store.hidden.count(user_id);
    if (isTold || this.#told.get(user_id) === hidden_count) return;
    this.#told.set(user_id, hidden_count);
    feeds.of(user_id).setRead(this.#news(member, store.hidden.after(user_id, hidden_count, NEWS_PER_CALL)));
  }

  #isTooMuch({ user_id, read_seq }: MemberRecord, seq: number): boolean {
    if (seq <= read_seq) return false;
    const unread = this.#context.store.hidden.seqsAfter(user_id, read_seq);
    return unread.length >= MAX_UNREAD && !unread.includes(seq);
  }

  #show(user_id: string, message_id: string, seq: number): void {
    const { state, sockets } = this.#context;
    const payload = { conversation_id: state.id, message_id, seq };
    const text = encodeFrame({ type: "MESSAGE_HIDDEN", payload });
    for (const [socket, session] of sockets.entries())
      if (session.user_id === user_id) sendText(socket, text);
  }

  /** What a member's object has to know: what is left unread, and these messages. */
  #news(member: MemberRecord, places: readonly HiddenPlace[]): ReadState {
    const { store, state } = this.#context;
    const { user_id, read_seq } = member;
    const read = readState(store, user_id, read_seq, state.head.seq);
    const entries = store.entries.entriesAt(places.map(({ seq }) => seq));
    const news = places.flatMap(({ place, seq }): HiddenMessage[] => {
      const message_id = entries.get(seq)?.message_id;
      if (message_id === undefined) return [];
      return [{ place, seq, message_id, before: this.#messageBefore(member, seq) }];
    });
    const hidden = read.hidden ?? { count: 0, unread_seqs: [] };
    return { ...read, hidden: { ...hidden, news } };
  }

  /** The newest message before another that the member still sees, as the list of conversations shows it. */
  #messageBefore({ user_id, joined_seq }: MemberRecord, seq: number): string | null {
    const { store, state } = this.#context;
    const entry = store.entries.lastMessage(joined_seq, seq, user_id);
    const [message] = entry ? new LogView(store, state).messages([entry], user_id) : [];
    return message ? JSON.stringify(message) : null;
  }
}
