import type { HandedEntry, ReadState } from "../../domain/hand-over.ts";
import type { Result } from "../../domain/result.ts";
import type { Conversation, Member } from "../../protocol/conversation.ts";
import type { MarkStatus } from "../../protocol/frames/message-ack.ts";
import type { Invite } from "../../protocol/invite.ts";
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
import type { GroupCommand, InviteCommand, Joining, MessageCommand } from "./commands.ts";

/** A conversation about to be. Members are checked to exist by the caller; the creator is one of them. */
export interface ConversationSeed {
  readonly conversation_id: string;
  readonly type: "one_on_one" | "group";
  readonly name: string | null;
  readonly description: string | null;
  readonly created_by: string;
  readonly members: readonly { readonly user_id: string; readonly username?: string; readonly role: Role }[];
}

/** Where a member's marks stand now; what is read and unread is only counted for a read mark. */
export interface MarkResult {
  readonly delivered_seq: number;
  readonly read: ReadState | null;
}

/** A message on its way from a user's object, with the device that sent it. */
export interface Submission {
  readonly device_id: string;
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
  listMembers(user_id: string, query: PageQuery): Promise<Result<Page<Member>>>;
  history(user_id: string, query: HistoryQuery): Promise<Result<HistoryPage>>;
  receipts(user_id: string, message_id: string): Promise<Result<Receipts>>;
  /** Where a message stands. */
  seqOf(user_id: string, message_id: string): Promise<Result<number>>;
  /** Appends in order, in one commit with whatever else arrived in this turn. One result per draft. */
  submit(user_id: string, submissions: Submission[]): Promise<Result<SentAck>[]>;
  mark(user_id: string, status: MarkStatus, seq: number): Promise<Result<MarkResult>>;
  /** Edits, deletes, pins a message or reacts to it; answers the message as it is then. */
  changeMessage(user_id: string, message_id: string, command: MessageCommand): Promise<Result<Message>>;
  /** Changes a group or its members; answers the group as it is then. */
  changeGroup(user_id: string, command: GroupCommand): Promise<Result<Conversation>>;
  /** Makes, lists or revokes invitations to a group; answers the open ones it is about. */
  manageInvites(user_id: string, command: InviteCommand): Promise<Result<Invite[]>>;
  acceptInvite(joining: Joining, secret: string): Promise<Result<Conversation>>;
  /** The pinned messages, the one pinned last first. */
  pinned(user_id: string, limit: number): Promise<Result<Message[]>>;
  /** Hands over to a member's object what is in the log now, and does not wait for more to go with it (DLV-1). */
  serve(user_id: string): Promise<void>;
  /**
   * What a device that catches up still has to receive of a stretch, without what it has acknowledged on a conversation
   * socket meanwhile. Null for who was not a member then, or has come back since.
   */
  readEntries(user_id: string, device_id: string, stretch: Stretch): Promise<HandedEntry[] | null>;
  /** Takes back the messages a user's conversation sockets were granted and have not sent (LIM-1). */
  recallAllowance(user_id: string): Promise<number>;
  /** Closes the conversation sockets of these sessions (SEC-1). */
  endSessions(user_id: string, session_ids: string[], close_code: number): Promise<void>;
  listDeadLetters(): Promise<DeadLetter[]>;
  replayDeadLetters(): Promise<number>;
  /** Readiness: reads its storage. */
  ping(): Promise<void>;
}
