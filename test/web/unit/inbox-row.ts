import type { InboxRow, Message } from "../../../sdk/index.ts";

const ROW: InboxRow = {
  conversation_id: "c",
  type: "group",
  name: "Tea",
  avatar_url: null,
  last_message: null,
  head_seq: 3,
  read_seq: 1,
  unread_count: 2,
  mention_count: 1,
  muted_until: null,
  notifications: "all",
  pinned: false,
  archived: false,
  marked_unread: false,
  is_request: false,
  updated_at: 0,
  sync_id: 1,
};

/** Of a group with two unread messages. */
export const row = (conversation_id: string, more: Partial<InboxRow> = {}): InboxRow => ({
  ...ROW,
  conversation_id,
  ...more,
});

/** One of somebody else's, in the conversation "a". */
export const MESSAGE: Message = {
  message_id: "m",
  conversation_id: "a",
  seq: 3,
  sender_id: "you",
  message_type: "text",
  content: "Hello",
  reply_to_seq: null,
  metadata: null,
  created_at: 0,
  edited_at: null,
  deleted_at: null,
  reactions: [],
};
