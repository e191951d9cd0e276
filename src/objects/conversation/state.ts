import { z } from "zod";
import type { ConversationFace } from "../../domain/hand-over.ts";
import type { LogHead } from "../../domain/sequencing.ts";
import type { Conversation } from "../../protocol/conversation.ts";
import { positionSchema, timestampSchema, userIdSchema } from "../../protocol/ids.ts";
import type { ConversationRecord, ConversationStore, MemberRecord } from "./store.ts";

/** Delivered marks as `ConversationRecord` keeps them: user, `seq`, time. */
const deliveredSchema = z.array(z.tuple([userIdSchema, positionSchema, timestampSchema]));

export const NO_DELIVERED = "[]";

/** A conversation in memory: rebuilt from its tables whenever the object wakes. */
export class ConversationState {
  readonly record: ConversationRecord;
  readonly members: Map<string, MemberRecord>;
  head: LogHead;
  /** The members who block their peer, in a one-on-one. */
  readonly blockers = new Set<string>();

  constructor(record: ConversationRecord, members: readonly MemberRecord[], head: LogHead) {
    this.record = record;
    this.members = new Map(members.map((member) => [member.user_id, member]));
    this.head = head;
  }

  static load(store: ConversationStore): ConversationState | null {
    const record = store.load();
    if (!record) return null;
    const state = new ConversationState(record, store.members(), store.head());
    for (const [user_id, delivered_seq, delivered_at] of deliveredSchema.parse(
      JSON.parse(record.delivered),
    )) {
      const member = state.members.get(user_id);
      if (!member || member.delivered_seq >= delivered_seq) continue;
      state.members.set(user_id, { ...member, delivered_seq, delivered_at });
    }
    return state;
  }

  /** Everyone's delivered mark, for one row. */
  deliveredMarks(): string {
    const marks = [...this.members.values()].filter(({ delivered_seq }) => delivered_seq > 0);
    return JSON.stringify(
      marks.map(({ user_id, delivered_seq, delivered_at }) => [user_id, delivered_seq, delivered_at]),
    );
  }

  get id(): string {
    return this.record.conversation_id;
  }

  /** The conversation as `member` sees it. */
  viewFor(member: MemberRecord): Conversation {
    const peer_id = this.peerOf(member.user_id);
    const { conversation_id, type, name, description, avatar_url, created_by, created_at } = this.record;
    return {
      conversation_id,
      type,
      name,
      description,
      avatar_url,
      created_by,
      created_at,
      member_count: this.members.size,
      head_seq: this.head.seq,
      role: member.role,
      ...(peer_id !== null && { peer_id }),
    };
  }

  /** What the inbox row of `member` shows. */
  faceFor(member: MemberRecord): ConversationFace {
    const { conversation_id, type, name, avatar_url, created_at } = this.record;
    return {
      conversation_id,
      type,
      name,
      avatar_url,
      created_at,
      peer_id: this.peerOf(member.user_id),
      joined_seq: member.joined_seq,
    };
  }

  peerOf(user_id: string): string | null {
    if (this.record.type !== "one_on_one") return null;
    for (const member_id of this.members.keys()) if (member_id !== user_id) return member_id;
    return null;
  }
}
