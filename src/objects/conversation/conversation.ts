import { v7 as newId } from "uuid";
import { type HandOver, type HandOverReceipt, publishMessage } from "../../domain/hand-over.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import { errorFields, log } from "../../observability/log.ts";
import { CLOSE } from "../../protocol/close-codes.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import type { Limits } from "../../protocol/limits.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import { TurnEnd } from "../runtime/turn.ts";
import type { ConversationSocket } from "./attachment.ts";
import { answerDraft, broadcastChanges, broadcastCommit } from "./broadcast.ts";
import { ChangeWriter } from "./change-writer.ts";
import type { MemberAct } from "./commands.ts";
import { type Commit, commitPending, type Pending } from "./commit.ts";
import { Discretions } from "./discretions.ts";
import { Feeds, type FeedsContext } from "./feeds.ts";
import { Hiding } from "./hiding.ts";
import { keptAcks } from "./kept-acks.ts";
import { MemberMarks } from "./member-marks.ts";
import type { Outbox } from "./outbox.ts";
import { Search } from "./search.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore, MemberRecord } from "./store.ts";
import { ConversationTyping, type TypingContext } from "./typing.ts";
import { LogView } from "./view.ts";

export interface ConversationContext {
  readonly storage: DurableObjectStorage;
  readonly store: ConversationStore;
  readonly outbox: Outbox;
  readonly sockets: SocketSet<ConversationSocket>;
  readonly limits: Limits;
  readonly handOver: (user_id: string, handOver: HandOver) => PromiseLike<HandOverReceipt>;
  readonly showTyping: TypingContext["show"];
  /** A message of a conversation socket was refused, and costs its user nothing (LIM-2). */
  readonly refund: (user_id: string) => void;
  /** See `FeedsContext`. */
  readonly alarm: Pick<FeedsContext, "alarmAt" | "alarmWithSockets" | "vouched" | "vouch">;
}

/**
 * A conversation at work: admit, persist, acknowledge, publish, in that order and without a wait between. What arrives in
 * one turn shares one transaction; the platform's output gate holds every frame and call until it is durable (SEND-1,
 * SEND-2).
 */
export class Conversation {
  readonly #context: ConversationContext;
  readonly #turn = new TurnEnd(() => this.#flush());
  readonly feeds: Feeds;
  readonly discretions: Discretions;
  readonly #marks: MemberMarks;
  readonly #hiding: Hiding;
  readonly typing: ConversationTyping;
  readonly search: Search;
  /** Rebuilt from the tables at every waking; changed only by a commit that went through. */
  readonly state: ConversationState;
  #pending: Pending[] = [];

  constructor(context: ConversationContext, state: ConversationState) {
    const { storage, store, sockets } = context;
    this.#context = context;
    this.state = state;
    const feeds = new Feeds({
      store,
      state: () => state,
      isWatching: (user_id) => sockets.hasSocketOf(user_id),
      keptAcks: keptAcks(sockets),
      handOver: context.handOver,
      received: (user_id, receipt) => this.#received(user_id, receipt),
      acksNotTaken: (user_id) => this.#marks.keep(user_id),
      ...context.alarm,
    });
    const discretions = new Discretions(store, state);
    const enqueue = (mark: Pending) => this.enqueue(mark);
    this.feeds = feeds;
    this.discretions = discretions;
    this.#marks = new MemberMarks({ store, state, sockets, feeds, discretions, enqueue });
    this.#hiding = new Hiding({ store, state, sockets, feeds });
    this.typing = new ConversationTyping({ state, sockets, feeds, show: context.showTyping });
    this.search = new Search(storage, store, state);
  }

  /** Queues a message or a mark for the commit at the end of this turn. */
  enqueue(pending: Pending): void {
    this.#pending.push(pending);
    this.#turn.schedule();
  }

  /**
   * Carries a change out that is no message, in a transaction of its own, after what was queued before it. `decide` writes
   * nothing where it refuses. The directory hears of it from the outbox.
   */
  change<T>(decide: (writer: ChangeWriter) => Result<T>): Result<T> {
    this.#flush();
    const now = Date.now();
    const { storage, store, outbox, limits } = this.#context;
    const writer = new ChangeWriter({ store, state: this.state, outbox, limits, now, newId: () => newId() });
    try {
      const result = storage.transactionSync(() => decide(writer));
      if (result.ok) this.#publishChange(writer, now);
      return result;
    } catch (error) {
      log("error", "change failed", { conversation_id: this.state.id, ...errorFields(error) });
      store.unread.forget();
      return refused(refusal("unavailable"));
    }
  }

  /** What a member does that is no entry of the log. */
  async act(member: MemberRecord, act: MemberAct, now: number): Promise<Refusal | null> {
    const { user_id } = member;
    switch (act.kind) {
      case "accept":
        if (this.discretions.accept(user_id)) this.#marks.tellWithheld(user_id, now);
        return null;
      case "hide":
        return this.#hiding.hide(member, act.message_id, now);
      case "receipts":
        this.discretions.noteReceipts(user_id, act.read_receipts);
        return null;
      case "type":
        return this.typing.say(user_id, act.is_typing, now);
    }
  }

  /** The directory is told again, with a version that is newer than any it may have: its database may be another one. */
  republish(user_id: string): boolean {
    const { members } = this.state;
    if (!members.has(user_id) || [...members.keys()].some((other) => other < user_id)) return false;
    return this.change((writer) => {
      writer.publishDirectory(members.values(), writer.now);
      return accepted(true);
    }).ok;
  }

  #publishChange(writer: ChangeWriter, now: number): void {
    const { store, sockets } = this.#context;
    writer.adopt();
    if (writer.entries.length === 0) return;
    const published = new LogView(store, this.state).published(writer.entries);
    this.feeds.publish(published, now);
    broadcastChanges(sockets, published, now);
    for (const user_id of writer.left)
      sockets.closeAllOf(user_id, CLOSE.no_longer_a_member, "no longer a member");
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    const now = Date.now();
    const commit = this.#persist(pending, now);
    if (!commit) {
      this.#refuseAll(pending);
      return;
    }
    this.#adopt(commit);
    this.#publish(commit, now);
  }

  /** Null if the transaction failed: then nothing has changed, in the tables or in memory. */
  #persist(pending: readonly Pending[], now: number): Commit | null {
    const { storage, store, limits } = this.#context;
    try {
      return storage.transactionSync(() =>
        commitPending({ store, state: this.state, limits, now, newId: () => newId() }, pending),
      );
    } catch (error) {
      log("error", "commit failed", { conversation_id: this.state.id, ...errorFields(error) });
      store.unread.forget();
      return null;
    }
  }

  #adopt(commit: Commit): void {
    this.state.head = commit.head;
    for (const user_id of commit.accepted) this.state.requests.delete(user_id);
    this.#marks.adopt(commit.moved);
  }

  /** Acknowledges and shows what the commit did. */
  #publish(commit: Commit, now: number): void {
    const entries = commit.drafts.map(
      ({ entry, pending }) => entry && publishMessage(entry, this.state.id, pending.device_id),
    );
    const fresh = entries.filter((entry) => entry !== null);
    // First of all: this arms the alarm that makes good whatever fails from here on.
    if (fresh.length > 0) this.feeds.publish(fresh, now);
    broadcastCommit(this.#context.sockets, commit.drafts, entries, now);
    for (const { pending, result } of commit.drafts) {
      pending.answer?.(result);
      if (pending.socket && !result.ok) this.#context.refund(pending.user_id);
    }
    for (const { pending, result } of commit.marks) pending.answer?.(result);
    this.#marks.publish(commit, now);
  }

  /** A commit that failed is answered in full (SEND-4). */
  #refuseAll(pending: readonly Pending[]): void {
    const cause = refusal("unavailable");
    for (const item of pending) {
      if (item.kind === "mark") item.answer?.(refused(cause));
      else {
        answerDraft(item, refused(cause), this.#context.sockets);
        if (item.socket) this.#context.refund(item.user_id);
      }
    }
  }

  /** A member's object says how far it has got: its marks rode along, and a stale one is put right. */
  #received(user_id: string, receipt: HandOverReceipt): void {
    const member = this.state.members.get(user_id);
    if (!member) {
      this.#sayFarewell(user_id, receipt);
      return;
    }
    this.#marks.received(member, receipt);
    // An inbox that is ahead of a restored log would pass this over each time, and be told without end.
    if (receipt.head_seq > this.state.head.seq) return;
    this.#hiding.putRight(member, receipt);
    this.#marks.putRight(member, receipt);
  }

  /** Who has left is told, and gets nothing more (CONV-4). */
  #sayFarewell(user_id: string, { head_seq }: HandOverReceipt): void {
    const { left_seq } = this.state.leaving.get(user_id) ?? {};
    if (!left_seq || head_seq < left_seq) return;
    this.#context.store.setLeftTold(user_id);
    this.state.leaving.delete(user_id);
    this.feeds.end(user_id);
  }
}
