import { backoffDelay } from "../../domain/backoff.ts";
import type { HandedEntry, ReadState } from "../../domain/hand-over.ts";
import { applyRead, type Inbox } from "../../domain/inbox.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import { type Contribution, contributionsOf } from "../../domain/unread.ts";
import { errorFields, log } from "../../observability/log.ts";
import { refusal } from "../../protocol/errors.ts";
import type { ReadResult } from "../../protocol/message.ts";
import type { ConversationRpc } from "../conversation/rpc.ts";
import { callWithRetry } from "../runtime/time-limit.ts";
import type { InboxBook } from "./inbox-book.ts";
import type { ReadReceipts } from "./read-receipts.ts";

/** A mark that was not answered is asked about again so many times: for some minutes. */
const MAX_FAILURES = 8;

export interface ReadMarksContext {
  readonly user_id: string;
  readonly book: InboxBook;
  readonly receipts: Pick<ReadReceipts, "isOn">;
  readonly conversation: (conversation_id: string) => Pick<ConversationRpc, "mark">;
  /** The row has changed. */
  readonly show: (inbox: Inbox) => void;
}

/** Takes a user's read marks to the conversations, which count what they leave unread (UNR-1). */
export class ReadMarks {
  readonly #context: ReadMarksContext;
  /** What the entries add that came while a read mark was on its way, by conversation; only while one is. */
  readonly #arrivals = new Map<string, Set<Contribution[]>>();
  /** Marks whose answers were lost: the conversation may have taken them, and the inbox not heard of it. */
  readonly #unheard = new Map<string, number>();

  constructor(context: ReadMarksContext) {
    this.#context = context;
  }

  /** Does the row not say yet that everything up to `seq` is read? Otherwise the conversation is not asked. */
  isNews(conversation_id: string, seq: number): boolean {
    return this.#readBefore(conversation_id, seq) === null;
  }

  /** Moves the read mark; the other devices hear of it (UNR-2). */
  async read(conversation_id: string, seq: number): Promise<Result<ReadResult>> {
    const known = this.#readBefore(conversation_id, seq);
    if (known) return accepted(this.#lookAgain(known));
    try {
      return await this.#mark(conversation_id, seq);
    } catch (error) {
      log("warn", "a read mark was not answered", { conversation_id, ...errorFields(error) });
      void this.#markAgain(conversation_id, seq);
      return refused(refusal("unavailable"));
    }
  }

  /** Entries have come into a conversation. */
  noteArrivals(conversation_id: string, fresh: readonly HandedEntry[]): void {
    for (const arrivals of this.#arrivals.get(conversation_id) ?? []) {
      arrivals.push(...contributionsOf(fresh, this.#context.user_id));
    }
  }

  #readBefore(conversation_id: string, seq: number): Inbox | null {
    const inbox = this.#context.book.get(conversation_id);
    return inbox?.left_seq === null && seq <= inbox.read_seq ? inbox : null;
  }

  /** Who looks at what was read before has come back to it. */
  #lookAgain(inbox: Inbox): ReadResult {
    const { book, show } = this.#context;
    if (inbox.marked_unread) show(book.save({ ...inbox, marked_unread: false }));
    return { read_seq: inbox.read_seq, unread_count: inbox.unread_count };
  }

  async #mark(conversation_id: string, seq: number): Promise<Result<ReadResult>> {
    const { user_id, receipts, conversation } = this.#context;
    const arrivals = this.#collectArrivals(conversation_id);
    try {
      const result = await callWithRetry(() =>
        conversation(conversation_id).mark(user_id, "read", seq, receipts.isOn),
      );
      // What came over RPC is copied, not passed on: it carries a disposer, which would keep the callee awake.
      if (!result.ok) return refused({ ...result.refusal });
      if (!result.value.read) return refused(refusal("internal"));
      return accepted(this.#adopt(conversation_id, { ...result.value.read }, arrivals));
    } finally {
      this.#forgetArrivals(conversation_id, arrivals);
    }
  }

  /** The mark may be there though nobody said so: asking again brings the count that goes with it. */
  async #markAgain(conversation_id: string, seq: number): Promise<void> {
    const isUnderWay = this.#unheard.has(conversation_id);
    this.#unheard.set(conversation_id, Math.max(seq, this.#unheard.get(conversation_id) ?? 0));
    if (isUnderWay) return;
    for (let failures = 1; failures <= MAX_FAILURES; failures++) {
      await new Promise((resolve) => setTimeout(resolve, backoffDelay(failures)));
      const unheard_seq = this.#unheard.get(conversation_id) ?? seq;
      const isHeard = await this.#mark(conversation_id, unheard_seq).then(
        () => true,
        () => false,
      );
      if (isHeard && this.#unheard.get(conversation_id) === unheard_seq) break;
    }
    this.#unheard.delete(conversation_id);
  }

  #adopt(conversation_id: string, read: ReadState, arrivals: readonly Contribution[]): ReadResult {
    const { book, show } = this.#context;
    const inbox = book.get(conversation_id);
    // Who has left meanwhile has no row to see (CONV-4).
    if (!inbox || inbox.left_seq !== null)
      return { read_seq: read.read_seq, unread_count: read.unread_count };
    const next = applyRead(inbox, read, arrivals, Date.now());
    if (next !== inbox) show(book.save(next));
    return { read_seq: next.read_seq, unread_count: next.unread_count };
  }

  /** From now on, collects what the entries add that come into a conversation. */
  #collectArrivals(conversation_id: string): Contribution[] {
    const arrivals: Contribution[] = [];
    const others = this.#arrivals.get(conversation_id);
    if (others) others.add(arrivals);
    else this.#arrivals.set(conversation_id, new Set([arrivals]));
    return arrivals;
  }

  #forgetArrivals(conversation_id: string, arrivals: Contribution[]): void {
    const all = this.#arrivals.get(conversation_id);
    all?.delete(arrivals);
    if (all?.size === 0) this.#arrivals.delete(conversation_id);
  }
}
