import type { HandedEntry, ReadState } from "../../domain/hand-over.ts";
import type { Result } from "../../domain/result.ts";
import type { Conversation, Member, OnlineCount } from "../../protocol/conversation.ts";
import type { Refusal } from "../../protocol/errors.ts";
import type { MarkStatus } from "../../protocol/frames/message-ack.ts";
import type { Invite, InvitePreview } from "../../protocol/invite.ts";
import type {
  ForwardedFrom,
  HistoryPage,
  HistoryQuery,
  Message,
  MessageDraft,
  Receipts,
  SentAck,
} from "../../protocol/message.ts";
import type { Page, PageQuery } from "../../protocol/page.ts";
import type { Role } from "../../protocol/roles.ts";
import type { SearchHit } from "../../protocol/search.ts";
import type { GroupCommand, InviteCommand, Joining, MemberAct, MessageCommand } from "./commands.ts";

/** A conversation about to be. Members are checked to exist by the caller; the creator is one of them. */
export interface ConversationSeed {
  readonly conversation_id: string;
  readonly type: "one_on_one" | "group";
  readonly name: string | null;
  readonly description: string | null;
  readonly created_by: string;
  /** `is_request`: to this member the conversation is a stranger's wish to write, until it accepts. */
  readonly members: readonly {
    readonly user_id: string;
    readonly username?: string;
    readonly role: Role;
    readonly is_request?: boolean;
  }[];
}

/** Something that was to change, as it is then; `is_logged`: it did change, and the log has grown by that. */
export interface ChangeOutcome<T> {
  readonly after: T;
  readonly is_logged: boolean;
}

/** Where a member's marks stand now; what is read and unread is only counted for a read mark. */
export interface MarkResult {
  readonly delivered_seq: number;
  readonly read: ReadState | null;
}

/** A message on its way from a user's object, with the device that sent it. */
export interface Submission {
  /** The device that sent it, and so has it; null: nobody has said which. */
  readonly device_id: string | null;
  readonly draft: MessageDraft;
  /** Of a message that is passed on; read by the server, not said by the client. */
  readonly forwarded_from?: ForwardedFrom | undefined;
}

/** Entries with `after_seq < seq <= up_to_seq`, the first `limit` of them. */
export interface Stretch {
  readonly after_seq: number;
  readonly up_to_seq: number;
  readonly limit: number;
}

/** What is sought among entries with `seq < before_seq`, or all; the other fields are null where nobody asked for them. */
export interface ConversationSearch {
  readonly q: string;
  readonly sender_id: string | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly before_seq: number | null;
  readonly limit: number;
  /** How long to wait for the index; a page without hits then says where to go on. */
  readonly patience_ms: number;
}

/** Messages, the newest first; null if there are no more, and otherwise the `before_seq` of what follows. */
export interface SearchPage {
  readonly hits: SearchHit[];
  readonly next_before_seq: number | null;
}

/** An outbox row that was given up, as an operator sees it. */
export interface DeadLetter {
  readonly id: number;
  readonly attempts: number;
  readonly error: string;
}

/** What others may ask of a conversation's object. One object per conversation, named by its `conversation_id`. */
export interface ConversationRpc {
  /** Idempotent: `created` is false if it existed (CONV-1). Resolves when the members' inboxes have it. */
  create(seed: ConversationSeed): Promise<Result<{ conversation: Conversation; created: boolean }>>;
  /** The conversation as `user_id` sees it, or `conversation_not_found` for who is not a member (SEC-2). */
  describe(user_id: string): Promise<Result<Conversation>>;
  /** `sees_reads`: the caller gives read receipts, and sees those of others; as the conversation knows it if left out (DLV-6). */
  listMembers(user_id: string, query: PageQuery, sees_reads?: boolean): Promise<Result<Page<Member>>>;
  /** How many members are online, as of the last 30 s, if they are enough (PRES-3); it asks every member's object. */
  countOnline(user_id: string): Promise<Result<OnlineCount>>;
  history(user_id: string, query: HistoryQuery): Promise<Result<HistoryPage>>;
  receipts(user_id: string, message_id: string, sees_reads?: boolean): Promise<Result<Receipts>>;
  /** A message as the member sees it, also a deleted one. */
  readMessage(user_id: string, message_id: string): Promise<Result<Message>>;
  /** Where a message stands. */
  seqOf(user_id: string, message_id: string): Promise<Result<number>>;
  /** Appends in order, in one commit with whatever else arrived in this turn. One result per draft. */
  submit(user_id: string, submissions: Submission[]): Promise<Result<SentAck>[]>;
  /** `read_receipts`: whether the user gives any; the conversation hears of it with each mark (DLV-6). */
  mark(
    user_id: string,
    status: MarkStatus,
    seq: number,
    read_receipts?: boolean,
  ): Promise<Result<MarkResult>>;
  /** Edits, deletes, pins a message or reacts to it; answers the message as it is then. */
  changeMessage(
    user_id: string,
    message_id: string,
    command: MessageCommand,
  ): Promise<Result<ChangeOutcome<Message>>>;
  /** Changes a group or its members; answers the group as it is then. */
  changeGroup(user_id: string, command: GroupCommand): Promise<Result<ChangeOutcome<Conversation>>>;
  /** Makes, lists or revokes invitations to a group; answers the open ones it is about. */
  manageInvites(user_id: string, command: InviteCommand): Promise<Result<Invite[]>>;
  /** The group as the holder of an invitation may know it, before it joins. */
  previewInvite(user_id: string, secret: string): Promise<Result<InvitePreview>>;
  acceptInvite(joining: Joining, secret: string): Promise<Result<ChangeOutcome<Conversation>>>;
  /** What a member does that is no entry of the log; nothing where it was done before. */
  act(user_id: string, act: MemberAct): Promise<Refusal | null>;
  /** The pinned messages, the one pinned last first. */
  pinned(user_id: string, limit: number): Promise<Result<Message[]>>;
  /** Finds messages; a page may have few hits, or none, and yet not be the last. */
  search(user_id: string, wanted: ConversationSearch): Promise<Result<SearchPage>>;
  /** Hands over to a member's object what is in the log now, without waiting for more (DLV-1). False for who is none. */
  serve(user_id: string): Promise<boolean>;
  /**
   * What a device that catches up still has to receive of a stretch, without what it has acknowledged on a conversation
   * socket meanwhile. Null for who was not a member then, or has come back since.
   */
  readEntries(user_id: string, device_id: string, stretch: Stretch): Promise<HandedEntry[] | null>;
  /** Takes back the messages a user's conversation sockets were granted and have not sent (LIM-1). */
  recallAllowance(user_id: string): Promise<number>;
  /** Closes the conversation sockets of these sessions (SEC-1). */
  endSessions(user_id: string, session_ids: string[], close_code: number): Promise<void>;
  /**
   * A member blocks its peer, or no longer does: while one does, neither can write (`blocked`). Idempotent; nothing where
   * there is no such one-on-one.
   */
  setBlock(user_id: string, blocks: boolean): Promise<void>;
  /**
   * Tells the directory again all there is to say, whatever it believes to know. Only if asked for the first of its members, so
   * that whoever goes through all users has it done once; false otherwise.
   */
  republish(user_id: string): Promise<boolean>;
  listDeadLetters(): Promise<DeadLetter[]>;
  replayDeadLetters(): Promise<number>;
  /** Readiness: reads its storage. */
  ping(): Promise<void>;
}
