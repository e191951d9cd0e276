export type { Conversation as ConversationDetails, InboxRow, Member } from "../src/protocol/conversation.ts";
export type { ErrorCode, FieldError } from "../src/protocol/errors.ts";
export type { ConversationEvent } from "../src/protocol/event.ts";
export type { FriendUpdate } from "../src/protocol/frames/friend-update.ts";
export type { Typing } from "../src/protocol/frames/typing-indicator.ts";
export type { Block, Friend, FriendStatus } from "../src/protocol/friend.ts";
export type { Invite, InvitePreview } from "../src/protocol/invite.ts";
export type { HistoryPage, Message, MessageUpdate, Receipts, SentAck } from "../src/protocol/message.ts";
export type { SearchHit } from "../src/protocol/search.ts";
export type { Account, Presence, User } from "../src/protocol/user.ts";
export {
  type ClientOptions,
  type ConnectionSnapshot,
  type Credentials,
  type InboxSnapshot,
  type Registration,
  UimClient,
} from "./client.ts";
export type { ClientEvents } from "./client-events.ts";
export type { Conversation, ConversationSnapshot, Sending, SendOptions } from "./conversation.ts";
export type { Cancel, Environment, SocketLike } from "./environment.ts";
export { UimError, type UimErrorCode } from "./errors.ts";
export type { Api } from "./http/api.ts";
export type { InboxRequest, InboxSettings, InviteDraft } from "./http/conversations-api.ts";
export type { HistoryRequest, SearchRequest } from "./http/messages-api.ts";
export { MemoryTokenStore, type StoredTokens, type TokenStore } from "./http/token-store.ts";
export type { Observable } from "./observable.ts";
export type { FailureCause, OutMessage } from "./outbox/outbox.ts";
export { type PlatformOptions, platformEnvironment } from "./platform.ts";
export type { MemberMarks } from "./state/marks.ts";
export type { MessageStatus, ShownMessage } from "./state/timeline.ts";
export { type IndexedDbOptions, IndexedDbStorage } from "./storage/indexeddb-storage.ts";
export { MemoryStorage } from "./storage/memory-storage.ts";
export type { ClientStorage, StorageWrite, StoredEntry } from "./storage/storage.ts";
export type { ConnectionState } from "./transport/connection.ts";
