import { messageOf } from "../../domain/entry.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import type { Member } from "../../protocol/conversation.ts";
import { refusal } from "../../protocol/errors.ts";
import type { HistoryPage, HistoryQuery, Receipts } from "../../protocol/message.ts";
import type { Page, PageQuery } from "../../protocol/page.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore, MemberRecord } from "./store.ts";

/** A page of what `member` may read: from its joining on (CONV-5), ascending by `seq`. */
export function historyPage(
  store: ConversationStore,
  state: ConversationState,
  member: MemberRecord,
  query: HistoryQuery,
): HistoryPage {
  const head_seq = state.head.seq;
  const floor = member.joined_seq;
  const isForward = query.after_seq !== undefined;
  const entries = isForward
    ? store.firstEntries(Math.max(floor, query.after_seq ?? 0), head_seq + 1, query.limit)
    : store.lastEntries(floor, Math.min(query.before_seq ?? head_seq + 1, head_seq + 1), query.limit);
  const first = entries[0];
  const last = entries.at(-1);
  const has_more = isForward
    ? last !== undefined && last.seq < head_seq
    : first !== undefined && first.seq > floor + 1;
  return { items: entries.map((entry) => messageOf(entry, state.id)), head_seq, has_more };
}

/** Who of the others has a message, and who has read it. */
export function receiptsOf(
  store: ConversationStore,
  state: ConversationState,
  member: MemberRecord,
  message_id: string,
): Result<Receipts> {
  const entry = store.findByMessageId(message_id);
  if (!entry || entry.seq <= member.joined_seq) return refused(refusal("not_found"));
  const others = [...state.members.values()].filter(({ user_id }) => user_id !== entry.sender_id);
  return accepted({
    sent_at: entry.created_at,
    delivered: others
      .filter(({ delivered_seq }) => delivered_seq >= entry.seq)
      .map(({ user_id, delivered_at }) => ({ user_id, at: delivered_at })),
    read: others
      .filter(({ read_seq }) => read_seq >= entry.seq)
      .map(({ user_id, read_at }) => ({ user_id, at: read_at })),
  });
}

/** Members by ascending id; the cursor is the last one of the page before. */
export function membersPage(state: ConversationState, query: PageQuery): Page<Member> {
  const after = query.cursor ?? "";
  const rest = [...state.members.values()].filter(({ user_id }) => user_id > after);
  const items = rest.slice(0, query.limit).map(({ user_id, role, joined_at, delivered_seq, read_seq }) => ({
    user_id,
    role,
    joined_at,
    delivered_seq,
    read_seq,
  }));
  return { items, next_cursor: rest.length > query.limit ? (items.at(-1)?.user_id ?? null) : null };
}

/** Where a message stands that `member` may read. */
export function seqOfMessage(
  store: ConversationStore,
  member: MemberRecord,
  message_id: string,
): Result<number> {
  const entry = store.findByMessageId(message_id);
  return entry && entry.seq > member.joined_seq ? accepted(entry.seq) : refused(refusal("not_found"));
}
