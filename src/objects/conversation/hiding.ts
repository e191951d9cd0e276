import type { HiddenMessage, HiddenState, ReadState } from "../../domain/hand-over.ts";
import { refuseHiding } from "../../domain/message-changes.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import { refusal } from "../../protocol/errors.ts";
import { readState } from "./commit.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore, MemberRecord } from "./store.ts";
import { LogView } from "./view.ts";

/** So many hidden messages go with one call. */
const NEWS_PER_CALL = 100;

/** Writes that a member has deleted a message for itself. Null if it had done so before. */
export function hideMessage(
  store: ConversationStore,
  state: ConversationState,
  member: MemberRecord,
  message_id: string,
): Result<{ readonly seq: number } | null> {
  const target = store.entries.findById(message_id);
  const cause = refuseHiding(target, state.readableAfter(member));
  if (cause || !target) return refused(cause ?? refusal("not_found"));
  return accepted(store.hidden.add(member.user_id, target.seq) ? { seq: target.seq } : null);
}

/**
 * What a member's object has to know of what its user has hidden: what is left unread without it, and the messages, since
 * it knows of the first `known_count`.
 */
export function hiddenNews(
  store: ConversationStore,
  state: ConversationState,
  member: MemberRecord,
  known_count: number,
): ReadState {
  const { user_id, read_seq } = member;
  const read = readState(store, user_id, read_seq, state.head.seq);
  const places = store.hidden.after(user_id, known_count, NEWS_PER_CALL);
  const entries = store.entries.entriesAt(places.map(({ seq }) => seq));
  const news = places.flatMap(({ place, seq }): HiddenMessage[] => {
    const message_id = entries.get(seq)?.message_id;
    if (message_id === undefined) return [];
    return [{ place, seq, message_id, before: messageBefore(store, state, member, seq) }];
  });
  const hidden: HiddenState = read.hidden ?? { count: 0, unread_seqs: [], news: [] };
  return { ...read, hidden: { ...hidden, news } };
}

/** The newest message before another that the member still sees, as the list of conversations shows it. */
function messageBefore(
  store: ConversationStore,
  state: ConversationState,
  { user_id, joined_seq }: MemberRecord,
  seq: number,
): string | null {
  const entry = store.entries.lastMessage(joined_seq, seq, user_id);
  const [message] = entry ? new LogView(store, state).messages([entry], user_id) : [];
  return message ? JSON.stringify(message) : null;
}
