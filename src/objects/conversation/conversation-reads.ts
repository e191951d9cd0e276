import { DurableObject } from "cloudflare:workers";
import type { HandedEntry } from "../../domain/hand-over.ts";
import { refuseOnlineCount } from "../../domain/presence.ts";
import { accepted, type Result, refused } from "../../domain/result.ts";
import type { Conversation as ConversationView, Member, OnlineCount } from "../../protocol/conversation.ts";
import { refusal } from "../../protocol/errors.ts";
import type { InvitePreview } from "../../protocol/invite.ts";
import type { HistoryPage, HistoryQuery, Message, Receipts } from "../../protocol/message.ts";
import type { Page, PageQuery } from "../../protocol/page.ts";
import type { Census } from "./census.ts";
import type { Conversation } from "./conversation.ts";
import { previewInvite } from "./invites.ts";
import { historyPage, membersPage, pinnedMessages, readMessage, receiptsOf, seqOfMessage } from "./reads.ts";
import type { ConversationSearch, SearchPage, Stretch } from "./rpc.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore, MemberRecord } from "./store.ts";
import { LogView } from "./view.ts";

export const NOT_FOUND = refused(refusal("conversation_not_found"));

/** What reading needs of a conversation's object. */
export interface Reading {
  readonly store: ConversationStore;
  readonly census: Census;
  /** Null until it is founded. */
  conversation(): Conversation | null;
}

/** Does something as a member; who is none learns nothing (SEC-2). */
/** Nobody's object is called for who is no member, to whom the time that takes would tell something (SEC-2). */
async function afterLearningMarks<T>(
  reading: Reading,
  user_id: string,
  run: (member: MemberRecord, state: ConversationState) => Result<T>,
): Promise<Result<T>> {
  const isMember = asMember(reading, user_id, () => accepted(true));
  if (!isMember.ok) return isMember;
  await reading.conversation()?.feeds.learnMarks(Date.now());
  return asMember(reading, user_id, run);
}

export function asMember<T>(
  { conversation }: Pick<Reading, "conversation">,
  user_id: string,
  run: (member: MemberRecord, state: ConversationState) => Result<T>,
): Result<T> {
  const state = conversation()?.state;
  const member = state?.members.get(user_id);
  return state && member ? run(member, state) : NOT_FOUND;
}

/** The entry points of a conversation's object that change nothing. */
export abstract class ConversationReads extends DurableObject<Env> {
  /** A property of the instance: a method could be called from outside. */
  protected abstract readonly reading: Reading;

  async describe(user_id: string): Promise<Result<ConversationView>> {
    return asMember(this.reading, user_id, (member, state) => accepted(state.viewFor(member)));
  }

  async previewInvite(user_id: string, secret: string): Promise<Result<InvitePreview>> {
    const state = this.reading.conversation()?.state;
    return state ? previewInvite(this.reading.store, state, user_id, secret, Date.now()) : NOT_FOUND;
  }

  async listMembers(user_id: string, query: PageQuery, sees_reads?: boolean): Promise<Result<Page<Member>>> {
    return afterLearningMarks(this.reading, user_id, (member, state) =>
      accepted(membersPage(state, member, query, sees_reads)),
    );
  }

  async countOnline(user_id: string): Promise<Result<OnlineCount>> {
    const asked = asMember(this.reading, user_id, (_, { members }) => {
      const cause = refuseOnlineCount(members.size);
      return cause ? refused(cause) : accepted(members.keys());
    });
    return asked.ok ? accepted(await this.reading.census.count(asked.value, Date.now())) : asked;
  }

  async history(user_id: string, query: HistoryQuery): Promise<Result<HistoryPage>> {
    return asMember(this.reading, user_id, (member, state) =>
      accepted(historyPage(this.reading.store, state, member, query)),
    );
  }

  async receipts(user_id: string, message_id: string, sees_reads?: boolean): Promise<Result<Receipts>> {
    return afterLearningMarks(this.reading, user_id, (member, state) =>
      receiptsOf(this.reading.store, state, member, message_id, sees_reads),
    );
  }

  async readMessage(user_id: string, message_id: string): Promise<Result<Message>> {
    return asMember(this.reading, user_id, (member, state) =>
      readMessage(this.reading.store, state, member, message_id),
    );
  }

  async seqOf(user_id: string, message_id: string): Promise<Result<number>> {
    return asMember(this.reading, user_id, (member, state) =>
      seqOfMessage(this.reading.store, state, member, message_id),
    );
  }

  async pinned(user_id: string, limit: number): Promise<Result<Message[]>> {
    return asMember(this.reading, user_id, (member, state) =>
      accepted(pinnedMessages(this.reading.store, state, member, limit)),
    );
  }

  async search(user_id: string, wanted: ConversationSearch): Promise<Result<SearchPage>> {
    return this.reading.conversation()?.search.page(user_id, wanted) ?? NOT_FOUND;
  }

  async readEntries(
    user_id: string,
    device_id: string,
    { after_seq, up_to_seq, limit }: Stretch,
  ): Promise<HandedEntry[] | null> {
    const { store } = this.reading;
    const conversation = this.reading.conversation();
    const { state } = conversation ?? {};
    // Who has left still gets what came before, up to the entry that says so (CONV-4).
    const member = state?.members.get(user_id) ?? (state ? store.member(user_id) : null);
    if (!conversation || !state || !member || up_to_seq <= member.joined_seq) return null;
    const acked_seq = conversation.feeds.ackedSeq(user_id, device_id);
    const from = Math.max(after_seq, acked_seq, member.joined_seq);
    const end = Math.min(up_to_seq, member.left_seq ?? Infinity) + 1;
    return new LogView(store, state).handed(store.entries.first(from, end, limit), member);
  }
}
