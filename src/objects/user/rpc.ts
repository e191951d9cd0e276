import type { FriendAnswer, FriendChange, FriendNews } from "../../domain/friendship.ts";
import type { HandOver, HandOverReceipt } from "../../domain/hand-over.ts";
import type { Identity } from "../../domain/identity.ts";
import type { Result } from "../../domain/result.ts";
import type { Conversation, InboxRow } from "../../protocol/conversation.ts";
import type { Refusal } from "../../protocol/errors.ts";
import type { Typing } from "../../protocol/frames/typing-indicator.ts";
import type { InboxSettings } from "../../protocol/inbox.ts";
import type { ForwardedFrom, Message, MessageDraft, ReadResult, SentAck } from "../../protocol/message.ts";
import type { Page, PageQuery } from "../../protocol/page.ts";
import type { Privacy } from "../../protocol/privacy.ts";
import type { Platform } from "../../protocol/session.ts";
import type { Presence } from "../../protocol/user.ts";
import type { GroupCommand, Joining, MessageCommand } from "../conversation/commands.ts";
import type { InboxQuery } from "./inbox-query.ts";

/** What a write may cost its user (docs/protocol.md §6). */
export type Spend = "request" | "group" | "search";

/** A session that is about to begin, on a device that may be new. */
export interface SessionOpening {
  readonly session_id: string;
  readonly device_id: string;
  readonly platform: Platform | null;
}

/** An inbox row as the object keeps it: the peer by id only, since profiles live in D1. */
export type StoredInboxRow = Omit<InboxRow, "peer"> & { readonly peer_id: string | null };

/** Privacy settings as D1 has them; of two that overtake each other the higher `version` holds. */
export interface PrivacyChange extends Privacy {
  readonly version: number;
}

/** What others may ask of a user's object. One object per user, named by its `user_id`. */
export interface UserRpc {
  /** Makes a device known before its first connection, so that nothing sent from now on is missed (DLV-1). */
  openSession(opening: SessionOpening): Promise<void>;
  /** Is the session alive, and may it spend this? Null if so (SEC-1, LIM-1). */
  admit(identity: Identity, spend: Spend): Promise<Refusal | null>;
  /** A single-use ticket for one WebSocket upgrade; `expires_in` in seconds. */
  issueTicket(identity: Identity): Promise<Result<{ ticket: string; expires_in: number }>>;
  /** Uses a ticket up. Null if it is unknown, expired or used. */
  redeemTicket(ticket: string): Promise<Identity | null>;
  /** Ends sessions: closes their sockets with `close_code` and refuses their access tokens from now on (SEC-1). */
  endSessions(session_ids: string[], close_code: number): Promise<void>;
  /** May this session open a socket to a conversation? */
  admitConversationSocket(
    identity: Identity,
    conversation_id: string,
  ): Promise<Result<{ sync_id: number; read_receipts: boolean }>>;
  /** Like `admit`, for who asks how far others have read: does it give read receipts itself? (DLV-6) */
  admitReader(identity: Identity): Promise<Result<{ read_receipts: boolean }>>;
  /**
   * Messages for the conversation sockets of one conversation: `wanted` of them wait there, and more may be granted. 0, and when
   * to ask again, if the user's limit is reached (LIM-1).
   */
  grantAllowance(
    conversation_id: string,
    wanted: number,
  ): Promise<{ granted: number; retry_after_ms: number }>;
  /**
   * Sends over HTTP: checks the session and the limits, then submits to the conversation. `device_id`: the device that has the
   * message already. That is not always the one of the session, which may have several (DLV-3).
   */
  sendMessage(
    identity: Identity,
    conversation_id: string,
    draft: MessageDraft,
    forwarded_from?: ForwardedFrom,
    device_id?: string,
  ): Promise<Result<SentAck>>;
  /** Changes a message: checks the session and the limits as sending does, then asks the conversation. */
  changeMessage(
    identity: Identity,
    conversation_id: string,
    message_id: string,
    command: MessageCommand,
  ): Promise<Result<Message>>;
  /** Changes a group or its members, within the limits of messages; `admit` comes first. */
  changeGroup(conversation_id: string, command: GroupCommand): Promise<Result<Conversation>>;
  /** Joins a group, as its user, within the limits of messages; `admit` comes first. */
  acceptInvite(conversation_id: string, joining: Joining, secret: string): Promise<Result<Conversation>>;
  /** Marks everything up to `seq` read, over HTTP. */
  markRead(identity: Identity, conversation_id: string, seq: number): Promise<Result<ReadResult>>;
  /** Inbox rows, newest activity first. */
  listInbox(identity: Identity, query: InboxQuery): Promise<Result<Page<StoredInboxRow>>>;
  /** The ids of conversations, newest activity first; the cursor is opaque. Nothing is spent: `admit` comes first. */
  listConversations(query: PageQuery): Promise<Result<Page<string>>>;
  /** What its user sets for a conversation; the other devices hear of it (UNR-2). */
  changeSettings(
    identity: Identity,
    conversation_id: string,
    settings: InboxSettings,
  ): Promise<Result<StoredInboxRow>>;
  /** Takes on a conversation that a stranger began; nothing where that was done. */
  acceptRequest(identity: Identity, conversation_id: string): Promise<Refusal | null>;
  /** From a conversation: somebody types there. Shown on the connected devices; false if there is none (TYPE-1). */
  showTyping(typing: Typing): Promise<boolean>;
  /** Of which conversations its inbox knows, those left included; ascending, after `after_id`. */
  conversationIds(after_id: string, limit: number): Promise<string[]>;
  /** As others may see it; as the user itself sees it if `viewer_id` says so. Whether they may is for the caller to ask. */
  presence(viewer_id?: string): Promise<Presence>;
  setStatusText(status_text: string): Promise<void>;
  /** Of read receipts, the conversations that the user may have open are told, each time (DLV-6). */
  setPrivacy(change: PrivacyChange): Promise<void>;
  /** The Worker says how another user stands to this one. */
  friendChanged(change: FriendChange): Promise<void>;
  /**
   * A friend's object tells of its user's presence, and hears of this one's (PRES-2, PRES-3). Writes nothing, unless one of the
   * two has not heard yet how they stand.
   */
  friendPresence(news: FriendNews): Promise<FriendAnswer>;
  /** From a conversation: new entries, marks and ticks. */
  handOver(handOver: HandOver): Promise<HandOverReceipt>;
  /** Readiness: reads its storage. */
  ping(): Promise<void>;
}
