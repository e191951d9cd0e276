import { z } from "zod";
import type { ConversationFace } from "../../domain/hand-over.ts";
import { type Discreet, shownMarks } from "../../domain/receipts.ts";
import type { LogHead } from "../../domain/sequencing.ts";
import type { Conversation } from "../../protocol/conversation.ts";
import { positionSchema, timestampSchema, userIdSchema } from "../../protocol/ids.ts";
import type { ConversationRecord, ConversationStore, MemberRecord } from "./store.ts";

/** Delivered marks as `ConversationRecord` keeps them: user, `seq`, time. */
const deliveredSchema = z.array(z.tuple([userIdSchema, positionSchema, timestampSchema]));

export const NO_DELIVERED = "[]";

/** A conversation in memory: rebuilt from its tables whenever the object wakes. */
export class ConversationState {
  record: ConversationRecord;
  readonly members: Map<string, MemberRecord>;
  /** Those who have left, until their objects have the entry that says so (CONV-4). */
  readonly leaving: Map<string, MemberRecord>;
  head: LogHead;
  /** The members who block their peer, in a one-on-one. */
  readonly blockers = new Set<string>();
  /** Members who have not accepted the conversation yet. */
  readonly requests = new Set<string>();
  /** Members that do not tell, or did not, how far they read. */
  readonly discreet = new Map<string, Discreet>();
  /** Members by their user names, as they are written in messages; made when first needed. */
  #byUsername: Map<string, string> | null = null;

  constructor(
    record: ConversationRecord,
    members: readonly MemberRecord[],
    leaving: readonly MemberRecord[],
    head: LogHead,
  ) {
    this.record = record;
    this.members = new Map(members.map((member) => [member.user_id, member]));
    this.leaving = new Map(leaving.map((member) => [member.user_id, member]));
    this.head = head;
  }

  static load(store: ConversationStore): ConversationState | null {
    const record = store.load();
    if (!record) return null;
    const state = new ConversationState(record, store.members(), store.leaving(), store.entries.head());
    for (const user_id of store.requests.all()) state.requests.add(user_id);
    for (const [user_id, discreet] of store.discreet.all()) state.discreet.set(user_id, discreet);
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

  /** Everyone the log goes to. */
  *audience(): Generator<MemberRecord> {
    yield* this.members.values();
    yield* this.leaving.values();
  }

  /** A member, or one who is leaving. */
  member(user_id: string): MemberRecord | undefined {
    return this.members.get(user_id) ?? this.leaving.get(user_id);
  }

  /** Does the log go to somebody? */
  hears(user_id: string): boolean {
    return this.member(user_id) !== undefined;
  }

  /** Up to where the log goes to somebody. */
  headFor(user_id: string): number {
    return this.members.has(user_id) ? this.head.seq : (this.leaving.get(user_id)?.left_seq ?? 0);
  }

  /** Does a member give read receipts? Who does not sees none (DLV-6). */
  givesReceipts(user_id: string): boolean {
    return !this.discreet.get(user_id)?.is_off;
  }

  /** A member's marks as another may know them. */
  shownMarks(member: MemberRecord, sees_reads: boolean): MemberRecord {
    const { user_id } = member;
    const discretion = {
      is_request: this.requests.has(user_id),
      discreet: this.discreet.get(user_id) ?? null,
    };
    return shownMarks(member, discretion, sees_reads);
  }

  /** Where what a member may read begins: after this entry (CONV-5). */
  readableAfter(member: MemberRecord): number {
    return this.record.history_visible ? 0 : member.joined_seq;
  }

  /** The members by their user names in lower case. */
  get byUsername(): ReadonlyMap<string, string> {
    this.#byUsername ??= new Map(
      [...this.members.values()].map(({ username, user_id }) => [username.toLowerCase(), user_id]),
    );
    return this.#byUsername;
  }

  /** Adopts a change of the membership that was committed. */
  setMembers(changed: readonly MemberRecord[]): void {
    for (const member of changed) {
      const isMember = member.left_seq === null;
      (isMember ? this.members : this.leaving).set(member.user_id, member);
      (isMember ? this.leaving : this.members).delete(member.user_id);
    }
    this.#byUsername = null;
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
      head_seq: member.left_seq ?? this.head.seq,
      role: member.role,
      history_visible: this.record.history_visible,
      readable_after_seq: this.readableAfter(member),
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
      left_seq: member.left_seq,
      is_request: this.requests.has(member.user_id),
    };
  }

  peerOf(user_id: string): string | null {
    if (this.record.type !== "one_on_one") return null;
    for (const member_id of this.members.keys()) if (member_id !== user_id) return member_id;
    return null;
  }
}
