import { v7 as newId } from "uuid";
import { type HandOver, type HandOverReceipt, publishMessage } from "../../domain/hand-over.ts";
import { advanceMarks } from "../../domain/marks.ts";
import { type Discreet, discreetAfter, discreetAfterRead } from "../../domain/receipts.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import { errorFields, log } from "../../observability/log.ts";
import { CLOSE } from "../../protocol/close-codes.ts";
import { type Refusal, refusal } from "../../protocol/errors.ts";
import type { Limits } from "../../protocol/limits.ts";
import { encodeFrame, sendText } from "../runtime/frame-writer.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import { TurnEnd } from "../runtime/turn.ts";
import type { ConversationSocket } from "./attachment.ts";
import { answerDraft, broadcastChanges, broadcastCommit } from "./broadcast.ts";
import { ChangeWriter } from "./change-writer.ts";
import type { MemberAct } from "./commands.ts";
import {
  type Commit,
  commitPending,
  type MarkOutcome,
  markNow,
  marksOf,
  type Pending,
  readState,
} from "./commit.ts";
import { Feeds, type FeedsContext } from "./feeds.ts";
import { hiddenNews, hideMessage } from "./hiding.ts";
import { keepAck, keptAcks } from "./kept-acks.ts";
import type { Outbox } from "./outbox.ts";
import { Search } from "./search.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore, MemberRecord } from "./store.ts";
import { type Tick, Ticks } from "./ticks.ts";
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
  readonly #ticks: Ticks;
  readonly typing: ConversationTyping;
  readonly search: Search;
  /** Rebuilt from the tables at every waking; changed only by a commit that went through. */
  readonly state: ConversationState;
  #pending: Pending[] = [];
  /** Delivered marks that were written into their members' rows, since their objects could not be reached. */
  readonly #kept = new Map<string, number>();
  /** Of how many messages that they have hidden members' objects knew when they were told of the rest. */
  readonly #hiddenTold = new Map<string, number>();
  /** Members whose delivered mark has moved, from where, and not been told: their objects are asked first. */
  readonly #untold = new Map<string, number>();

  constructor(context: ConversationContext, state: ConversationState) {
    this.#context = context;
    this.state = state;
    this.feeds = new Feeds({
      store: context.store,
      state: () => this.state,
      isWatching: (user_id) => context.sockets.hasSocketOf(user_id),
      keptAcks: keptAcks(context.sockets),
      handOver: context.handOver,
      received: (user_id, receipt) => this.#received(user_id, receipt),
      acksNotTaken: (user_id) => this.#keepMarks(user_id),
      ...context.alarm,
    });
    const { store, sockets } = context;
    this.#ticks = new Ticks({ store, sockets, state, feeds: this.feeds });
    this.typing = new ConversationTyping({ state, sockets, feeds: this.feeds, show: context.showTyping });
    this.search = new Search(context.storage, store, state);
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
      return refused(refusal("unavailable"));
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
    const commit = this.#commit(pending, now);
    if (commit) {
      this.#adopt(commit);
      this.#publish(commit, now);
    } else this.#refuseAll(pending);
  }

  /** Null if the transaction failed: then nothing has changed, in the tables or in memory. */
  #commit(pending: readonly Pending[], now: number): Commit | null {
    const { storage, store, limits } = this.#context;
    try {
      return storage.transactionSync(() =>
        commitPending({ store, state: this.state, limits, now, newId: () => newId() }, pending),
      );
    } catch (error) {
      log("error", "commit failed", { conversation_id: this.state.id, ...errorFields(error) });
      return null;
    }
  }

  #adopt(commit: Commit): void {
    this.state.head = commit.head;
    for (const user_id of commit.accepted) this.state.requests.delete(user_id);
    for (const [user_id, marks] of commit.moved) {
      const member = this.state.members.get(user_id);
      if (!member) continue;
      this.state.members.set(user_id, { ...member, ...marks });
      if (marks.read_seq !== member.read_seq)
        this.#setDiscreet(user_id, discreetAfterRead(this.state.discreet.get(user_id) ?? null));
    }
  }

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
    for (const outcome of commit.marks) this.#publishMark(outcome, now);
    if (commit.moved.size > 0) this.feeds.noteDelivered(now);
    this.#tellMarks(commit.marks, now);
    for (const user_id of commit.accepted) this.#tellWithheld(user_id, now);
  }

  async act(member: MemberRecord, act: MemberAct, now: number): Promise<Refusal | null> {
    switch (act.kind) {
      case "accept":
        this.#acceptRequest(member.user_id, now);
        return null;
      case "hide":
        return this.#hide(member, act.message_id, now);
      case "receipts":
        this.noteReceipts(member.user_id, act.read_receipts);
        return null;
      case "type":
        return this.typing.say(member.user_id, act.is_typing, now);
    }
  }

  /** Whether a member gives read receipts; a row is written when that has changed (DLV-6). */
  noteReceipts(user_id: string, read_receipts: boolean): void {
    const member = this.state.members.get(user_id);
    const known = this.state.discreet.get(user_id) ?? null;
    if (member) this.#setDiscreet(user_id, discreetAfter(known, read_receipts, member));
  }

  #setDiscreet(user_id: string, discreet: Discreet | null): void {
    const known = this.state.discreet.get(user_id) ?? null;
    if (discreet === known) return;
    if (discreet) {
      this.#context.store.discreet.put(user_id, discreet);
      this.state.discreet.set(user_id, discreet);
    } else {
      this.#context.store.discreet.delete(user_id);
      this.state.discreet.delete(user_id);
    }
  }

  /** A member accepts the conversation, and the others learn how far it has got. */
  #acceptRequest(user_id: string, now: number): void {
    if (!this.state.requests.has(user_id)) return;
    this.#context.store.requests.delete(user_id);
    this.state.requests.delete(user_id);
    this.#tellWithheld(user_id, now);
  }

  /** What was kept from the others as long as the conversation was a request. The member's object knows the furthest. */
  #tellWithheld(user_id: string, now: number): void {
    const member = this.state.members.get(user_id);
    if (!member) return;
    const { joined_seq, read_seq: seq, read_at: at } = this.state.shownMarks(member, true);
    const ack = { status: "read", conversation_id: this.state.id, user_id, seq, at } as const;
    if (seq > joined_seq) this.#ticks.tell([{ ack, after_seq: joined_seq }]);
    this.#untold.set(user_id, joined_seq);
    this.feeds.ask(user_id, now);
  }

  /**
   * Tells of marks that have moved. Where no row says what was delivered, the first that comes in after a sleep may be less
   * than what the others were told before: one device's own ack, or a call that was on its way while a newer mark went along
   * with a receipt. The user's object, which knows the furthest, is asked, and then they are told (DLV-5).
   */
  #tellMarks(marks: readonly MarkOutcome[], now: number): void {
    const ticks: Tick[] = [];
    for (const { tick } of marks) {
      if (!tick) continue;
      const { user_id, status } = tick.ack;
      if (status === "delivered" && this.feeds.isNewsOld(user_id)) {
        this.#untold.set(user_id, Math.min(tick.after_seq, this.#untold.get(user_id) ?? Infinity));
        this.feeds.ask(user_id, now);
      } else ticks.push(tick);
    }
    this.#ticks.tell(ticks);
  }

  #tellDelivered(user_id: string, after_seq: number): void {
    const member = this.state.members.get(user_id);
    if (!member) return;
    const { delivered_seq: seq, delivered_at: at } = member;
    const ack = { status: "delivered", conversation_id: this.state.id, user_id, seq, at } as const;
    this.#ticks.tell([{ ack, after_seq }]);
  }

  #publishMark({ pending, result }: MarkOutcome, now: number): void {
    pending.answer?.(result);
    if (!result.ok || !pending.origin) return;
    const { user_id, origin } = pending;
    const { socket, device_id } = origin;
    const seq = Math.min(pending.seq, this.state.head.seq);
    // It rides on the next hand-over; but nothing remembers it here if its socket has closed meanwhile.
    const ack = { device_id, seq, at: now };
    if (keepAck(this.#context.sockets, socket, ack)) this.feeds.of(user_id).addAck(ack);
    else this.feeds.forwardAck(user_id, ack, now);
    if (!result.value.read) return;
    // Of what is read the other devices hear now (UNR-2).
    this.feeds.of(user_id).setRead(result.value.read);
    this.feeds.owe(now);
    this.feeds.kick(user_id, now);
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

  /** A mark of which the member's object may not hear before this object forgets it is worth a row, once. */
  #keepMarks(user_id: string): void {
    const member = this.state.members.get(user_id);
    if (!member || this.#kept.get(user_id) === member.delivered_seq) return;
    this.#context.store.setMarks(user_id, marksOf(member));
    this.#kept.set(user_id, member.delivered_seq);
  }

  #noteDelivered(member: MemberRecord, { delivered_seq, delivered_at }: HandOverReceipt): void {
    const { user_id } = member;
    if (this.feeds.isNewsOld(user_id)) {
      const marks = advanceMarks(
        marksOf(member),
        "delivered",
        delivered_seq,
        this.state.head.seq,
        delivered_at,
      );
      this.state.members.set(user_id, { ...member, ...marks });
    } else {
      this.enqueue({ ...markNow(user_id, "delivered", delivered_seq), at: delivered_at });
    }
  }

  /** A member's object says how far it has got: its marks rode along, and a stale one is put right. */
  #received(user_id: string, receipt: HandOverReceipt): void {
    const member = this.state.members.get(user_id);
    if (!member) {
      this.#sayFarewell(user_id, receipt);
      return;
    }
    if (receipt.read_receipts !== undefined) this.noteReceipts(user_id, receipt.read_receipts);
    if (receipt.delivered_seq > member.delivered_seq) {
      this.#noteDelivered(member, receipt);
    }
    const untold_after_seq = this.#untold.get(user_id);
    if (untold_after_seq !== undefined) {
      this.#untold.delete(user_id);
      this.#tellDelivered(user_id, untold_after_seq);
    }
    // An inbox that is ahead of a restored log would pass this over each time, and be told without end.
    const isAhead = receipt.head_seq > this.state.head.seq;
    if (!isAhead) this.#tellHidden(member, receipt);
    if (receipt.read_seq < member.read_seq && receipt.head_seq >= member.read_seq && !isAhead) {
      const { store } = this.#context;
      this.feeds.of(user_id).setRead(readState(store, user_id, member.read_seq, this.state.head.seq));
    }
  }

  /** A member deletes a message for itself alone. Resolves when its object knows, or cannot be reached: then it is owed. */
  async #hide(member: MemberRecord, message_id: string, now: number): Promise<Refusal | null> {
    const { store, sockets } = this.#context;
    const hidden = hideMessage(store, this.state, member, message_id);
    if (!hidden.ok) return hidden.refusal;
    const { user_id } = member;
    if (hidden.value) {
      const payload = { conversation_id: this.state.id, message_id, seq: hidden.value.seq };
      const text = encodeFrame({ type: "MESSAGE_HIDDEN", payload });
      for (const [socket, session] of sockets.entries())
        if (session.user_id === user_id) sendText(socket, text);
      this.feeds.of(user_id).setRead(hiddenNews(store, this.state, member, store.hidden.count(user_id) - 1));
      this.feeds.owe(now);
    }
    await this.feeds.serve(user_id, now);
    return null;
  }

  /** A member's object that does not know of all its user has hidden is told; once, should it be unable to take it. */
  #tellHidden(member: MemberRecord, { hidden_count }: HandOverReceipt): void {
    const { store } = this.#context;
    const { user_id } = member;
    const isTold = hidden_count === undefined || hidden_count >= store.hidden.count(user_id);
    if (isTold || this.#hiddenTold.get(user_id) === hidden_count) return;
    this.#hiddenTold.set(user_id, hidden_count);
    this.feeds.of(user_id).setRead(hiddenNews(store, this.state, member, hidden_count));
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
