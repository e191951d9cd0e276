import { refuseBlocked } from "../../domain/blocking.ts";
import type { Entry, EntryExtra } from "../../domain/entry.ts";
import type { ReadState } from "../../domain/hand-over.ts";
import { advanceMarks, type Marks } from "../../domain/marks.ts";
import { mentionsIn } from "../../domain/mentions.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import {
  headAfter,
  type LogHead,
  refuseDraft,
  type SendLimits,
  sentAck,
  sequence,
} from "../../domain/sequencing.ts";
import { refusal } from "../../protocol/errors.ts";
import type { MarkStatus } from "../../protocol/frames/message-ack.ts";
import type { ForwardedFrom, MessageDraft, SentAck } from "../../protocol/message.ts";
import type { MarkResult } from "./rpc.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore } from "./store.ts";
import type { Tick } from "./ticks.ts";

/** A message waiting for the commit at the end of this turn; `socket` if it came over a conversation socket. */
export interface PendingDraft {
  readonly kind: "draft";
  readonly user_id: string;
  readonly device_id: string | null;
  readonly draft: MessageDraft;
  readonly forwarded_from?: ForwardedFrom | undefined;
  readonly socket: WebSocket | null;
  readonly request_id?: string | undefined;
  readonly answer: ((result: Result<SentAck>) => void) | null;
}

/** A mark waiting for the same commit. */
export interface PendingMark {
  readonly kind: "mark";
  readonly user_id: string;
  /** The conversation socket that brought it, and its device: the user's object has to hear of it. */
  readonly origin: { readonly socket: WebSocket; readonly device_id: string } | null;
  readonly status: MarkStatus;
  readonly seq: number;
  /** When it happened (Unix ms); null: now. */
  readonly at: number | null;
  readonly answer: ((result: Result<MarkResult>) => void) | null;
}

/** A mark that moves as it comes, and that nobody waits for. */
export function markNow(user_id: string, status: MarkStatus, seq: number): PendingMark {
  return {
    kind: "mark",
    user_id,
    origin: null,
    status,
    seq,
    at: null,
    answer: null,
  };
}

export type Pending = PendingDraft | PendingMark;

export interface DraftOutcome {
  readonly pending: PendingDraft;
  readonly result: Result<SentAck>;
  /** The new entry; null for a duplicate or a refusal. */
  readonly entry: Entry | null;
}

export interface MarkOutcome {
  readonly pending: PendingMark;
  readonly result: Result<MarkResult>;
  /** The member has read on: its object must hear of it. */
  readonly has_read: boolean;
  /** What to tell the others; null if nothing moved. */
  readonly tick: Tick | null;
}

/** What one commit did. It becomes the object's state only after the transaction has gone through. */
export interface Commit {
  readonly head: LogHead;
  readonly drafts: readonly DraftOutcome[];
  readonly marks: readonly MarkOutcome[];
  readonly moved: ReadonlyMap<string, Marks>;
  /** Members who have accepted the conversation by writing there. */
  readonly accepted: readonly string[];
}

export interface CommitContext {
  readonly store: ConversationStore;
  readonly state: ConversationState;
  readonly limits: SendLimits;
  readonly now: number;
  readonly newId: () => string;
}

/** Writes everything that is pending, in order; to be run in one transaction (SEQ-1, SEND-1). */
export function commitPending(context: CommitContext, pending: readonly Pending[]): Commit {
  const { store, state } = context;
  let head = state.head;
  const drafts: DraftOutcome[] = [];
  for (const item of pending) {
    if (item.kind !== "draft") continue;
    const outcome = appendDraft(context, item, head);
    if (outcome.entry) head = headAfter(outcome.entry);
    drafts.push(outcome);
  }
  const moved = new Map<string, Marks>();
  const moves = pending
    .filter((item) => item.kind === "mark")
    .map((item) => moveMark(context, item, head, moved));
  const marks = answerMarks(context, moves, moved, head);
  for (const [user_id, marks] of moved) {
    // What is only delivered costs no row here: the member's object knows it, and says it when asked (`Feeds`).
    if (marks.read_seq !== state.members.get(user_id)?.read_seq) store.setMarks(user_id, marks);
  }
  return { head, drafts, marks, moved, accepted: acceptByWriting(context, drafts) };
}

/** Whoever answers a request has accepted it. */
function acceptByWriting({ store, state }: CommitContext, drafts: readonly DraftOutcome[]): string[] {
  if (state.requests.size === 0) return [];
  const writers = new Set(drafts.flatMap(({ entry }) => entry?.sender_id ?? []));
  const accepting = [...writers].filter((user_id) => state.requests.has(user_id));
  for (const user_id of accepting) store.requests.delete(user_id);
  return accepting;
}

function appendDraft(context: CommitContext, pending: PendingDraft, head: LogHead): DraftOutcome {
  const { store, state, limits, now, newId } = context;
  const { user_id, draft } = pending;
  const cause = state.members.has(user_id)
    ? (refuseDraft(draft, head, limits) ?? refuseBlocked(state.blockers))
    : refusal("conversation_not_found");
  // What was stored before the block is only asked about again (IDEM-1).
  if (cause?.code === "blocked")
    return repeatOf(context, pending) ?? { pending, result: refused(cause), entry: null };
  if (cause) return { pending, result: refused(cause), entry: null };
  const extra = extraOf(pending, state);
  const entry = sequence({ kind: "message", sender_id: user_id, draft, extra }, head, newId(), now);
  if (store.entries.append(entry)) {
    return { pending, result: accepted(sentAck(entry, state.id, draft.client_message_id, false)), entry };
  }
  const repeat = repeatOf(context, pending);
  if (!repeat) throw new Error("an entry was refused as a duplicate, but there is no first one");
  return repeat;
}

/** The outcome for a draft that was stored before: the first one's ack. */
function repeatOf({ store, state }: CommitContext, pending: PendingDraft): DraftOutcome | null {
  const { client_message_id } = pending.draft;
  const first = store.entries.findByClientMessageId(pending.user_id, client_message_id);
  if (!first) return null;
  return { pending, result: accepted(sentAck(first, state.id, client_message_id, true)), entry: null };
}

/** Null for most messages, which name nobody and were not passed on. */
function extraOf({ draft, forwarded_from }: PendingDraft, state: ConversationState): EntryExtra | null {
  const mentions = mentionsIn(draft.content, () => state.byUsername);
  if (mentions.length === 0 && !forwarded_from) return null;
  return { ...(mentions.length > 0 && { mentions }), ...(forwarded_from && { forwarded_from }) };
}

/** Where one mark was and is; null for who is not a member. */
interface MarkMove {
  readonly pending: PendingMark;
  readonly marks: { readonly before: Marks; readonly after: Marks } | null;
}

function moveMark(
  { state, now }: CommitContext,
  pending: PendingMark,
  head: LogHead,
  moved: Map<string, Marks>,
): MarkMove {
  const { user_id, status, seq } = pending;
  const member = state.members.get(user_id);
  if (!member) return { pending, marks: null };
  const before = moved.get(user_id) ?? marksOf(member);
  const after = advanceMarks(before, status, seq, head.seq, pending.at ?? now);
  if (after !== before) moved.set(user_id, after);
  return { pending, marks: { before, after } };
}

/** Counting reads the log: it is done only where someone has read and wants to know, once for all marks of a member. */
function answerMarks(
  { store, state }: CommitContext,
  moves: readonly MarkMove[],
  moved: ReadonlyMap<string, Marks>,
  head: LogHead,
): MarkOutcome[] {
  const reads = new Map<string, ReadState>();
  const readOf = (user_id: string, { read_seq }: Marks) => {
    const read = reads.get(user_id) ?? readState(store, user_id, read_seq, head.seq);
    reads.set(user_id, read);
    return read;
  };
  return moves.map(({ pending, marks }) => {
    if (!marks)
      return { pending, result: refused(refusal("conversation_not_found")), has_read: false, tick: null };
    const { user_id, status, answer, origin } = pending;
    const { before, after } = marks;
    const isWanted = status === "read" && (answer !== null || origin !== null);
    const read = isWanted ? readOf(user_id, moved.get(user_id) ?? after) : null;
    return {
      pending,
      result: accepted({ delivered_seq: after.delivered_seq, read }),
      has_read: after.read_seq > before.read_seq,
      tick: tickOf(state.id, user_id, state.givesReceipts(user_id), before, after),
    };
  });
}

/** What a member has left to read, counted from the log (UNR-1). */
export function readState(
  store: ConversationStore,
  user_id: string,
  read_seq: number,
  head_seq: number,
): ReadState {
  const counts = store.unread.count(user_id, read_seq, head_seq);
  const count = store.hidden.count(user_id);
  const hidden = count > 0 && { count, unread_seqs: store.hidden.seqsAfter(user_id, read_seq), news: [] };
  return { read_seq, ...counts, as_of_seq: head_seq, ...(hidden && { hidden }) };
}

export function marksOf(member: Marks): Marks {
  const { delivered_seq, delivered_at, read_seq, read_at } = member;
  return { delivered_seq, delivered_at, read_seq, read_at };
}

function tickOf(
  conversation_id: string,
  user_id: string,
  givesReceipts: boolean,
  before: Marks,
  after: Marks,
): Tick | null {
  if (givesReceipts && after.read_seq > before.read_seq) {
    const { read_seq: seq, read_at: at } = after;
    return { ack: { status: "read", conversation_id, user_id, seq, at }, after_seq: before.read_seq };
  }
  if (after.delivered_seq > before.delivered_seq) {
    const { delivered_seq: seq, delivered_at: at } = after;
    return {
      ack: { status: "delivered", conversation_id, user_id, seq, at },
      after_seq: before.delivered_seq,
    };
  }
  return null;
}
