import { isChange } from "../../domain/entry.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import type { Member } from "../../protocol/conversation.ts";
import { refusal } from "../../protocol/errors.ts";
import type { HistoryPage, HistoryQuery, Message, Receipts } from "../../protocol/message.ts";
import type { Page, PageQuery } from "../../protocol/page.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore, MemberRecord } from "./store.ts";
import { LogView } from "./view.ts";

/**
 * A page of what `member` may read (CONV-5), ascending by `seq`. Forward it also brings what has changed of earlier messages.
 * Whoever reads on from `next_after_seq` misses nothing, and may be told some of it twice; whoever only follows the messages
 * reads on from the last one while there is more.
 */
export function historyPage(
  store: ConversationStore,
  state: ConversationState,
  member: MemberRecord,
  query: HistoryQuery,
): HistoryPage {
  const { after_seq, limit } = query;
  const head_seq = state.head.seq;
  const floor = state.readableAfter(member);
  const { user_id } = member;
  const view = new LogView(store, state);
  if (after_seq === undefined) {
    const before = Math.min(query.before_seq ?? head_seq + 1, head_seq + 1);
    const entries = store.entries.lastShown(floor, before, limit, user_id);
    const [first] = entries;
    const has_more = first !== undefined && store.entries.lastShown(floor, first.seq, 1, user_id).length > 0;
    return { items: view.messages(entries, user_id), updates: [], head_seq, has_more, next_after_seq: null };
  }
  const from = Math.max(floor, after_seq);
  const entries = store.entries.firstShown(from, head_seq + 1, limit, user_id);
  const last_seq = entries.at(-1)?.seq ?? head_seq;
  const has_more = store.entries.firstShown(last_seq, head_seq + 1, 1, user_id).length > 0;
  const up_to_seq = has_more ? last_seq : head_seq;
  const earlier = { after_seq: floor, up_to_seq: from };
  const changes = store.entries.lastChanges(earlier, { after_seq: from, up_to_seq }, limit);
  const end_seq = changes.at(-1)?.seq ?? up_to_seq;
  const is_cut = end_seq < up_to_seq && store.entries.hasChanges(earlier, { after_seq: end_seq, up_to_seq });
  const hidden = store.hidden.of(
    user_id,
    changes.map(({ target_seq }) => target_seq ?? 0),
  );
  const seen = changes.filter(({ target_seq }) => !hidden.has(target_seq ?? 0));
  return {
    items: view.messages(entries, user_id),
    updates: view.updates(seen, user_id),
    head_seq,
    has_more,
    next_after_seq: is_cut ? end_seq : has_more ? last_seq : null,
  };
}

/** Pinned messages that `member` may read, the one pinned last first. */
export function pinnedMessages(
  store: ConversationStore,
  state: ConversationState,
  member: MemberRecord,
  limit: number,
): Message[] {
  const entries = store.entries.pinned(state.readableAfter(member), limit, member.user_id);
  return new LogView(store, state).messages(entries, member.user_id);
}

/** Who of the others has a message, and who has read it. */
export function receiptsOf(
  store: ConversationStore,
  state: ConversationState,
  member: MemberRecord,
  message_id: string,
  sees_reads: boolean = state.givesReceipts(member.user_id),
): Result<Receipts> {
  const entry = store.entries.findById(message_id);
  if (!entry || entry.seq <= state.readableAfter(member)) return refused(refusal("not_found"));
  const others = [...state.members.values()]
    .filter(({ user_id, joined_seq }) => user_id !== entry.sender_id && joined_seq < entry.seq)
    .map((other) => state.shownMarks(other, sees_reads));
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

/** Members as `viewer` may know them, by ascending id; the cursor is the last one of the page before. */
export function membersPage(
  state: ConversationState,
  viewer: MemberRecord,
  query: PageQuery,
  sees_reads: boolean = state.givesReceipts(viewer.user_id),
): Page<Member> {
  const after = query.cursor ?? "";
  const rest = [...state.members.values()]
    .filter(({ user_id }) => user_id > after)
    .sort((a, b) => (a.user_id < b.user_id ? -1 : 1));
  const shown = rest
    .slice(0, query.limit)
    .map((member) => (member.user_id === viewer.user_id ? member : state.shownMarks(member, sees_reads)));
  const items = shown.map(({ user_id, role, joined_at, delivered_seq, read_seq }) => ({
    user_id,
    role,
    joined_at,
    delivered_seq,
    read_seq,
  }));
  return { items, next_cursor: rest.length > query.limit ? (items.at(-1)?.user_id ?? null) : null };
}

/** A message that `member` may read, as it sees it; also what happened to the group. */
export function readMessage(
  store: ConversationStore,
  state: ConversationState,
  member: MemberRecord,
  message_id: string,
): Result<Message> {
  const entry = store.entries.findById(message_id);
  const { user_id } = member;
  const isReadable = entry && !isChange(entry) && entry.seq > state.readableAfter(member);
  const isShown = isReadable && !store.hidden.of(user_id, [entry.seq]).has(entry.seq);
  const [message] = isShown ? new LogView(store, state).messages([entry], user_id) : [];
  return message ? accepted(message) : refused(refusal("not_found"));
}

/** Where a message stands that `member` may read. */
export function seqOfMessage(
  store: ConversationStore,
  state: ConversationState,
  member: MemberRecord,
  message_id: string,
): Result<number> {
  const entry = store.entries.findById(message_id);
  return entry && entry.seq > state.readableAfter(member)
    ? accepted(entry.seq)
    : refused(refusal("not_found"));
}
