import type { Inbox } from "../../domain/inbox.ts";
import { errorFields, log } from "../../observability/log.ts";
import type { InboxRow } from "../../protocol/conversation.ts";
import type { MessageHiddenFrame } from "../../protocol/frames/message-hidden.ts";
import type { ServerFrame } from "../../protocol/frames/server-frame.ts";
import { messageSchema } from "../../protocol/message.ts";
import type { StoredInboxRow } from "./rpc.ts";

/**
 * An inbox row without what is only the object's business. A count that a read mark brought may be ahead of the entries that
 * have come in: the row then says so by its head, or a client would count them again (UNR-1).
 */
export function storedRow(inbox: Inbox): StoredInboxRow {
  const {
    delivered_seq: _delivered,
    delivered_at: _delivered_at,
    counted_seq,
    positions: _positions,
    left_seq: _left_seq,
    hidden_count: _hidden_count,
    hidden_seqs: _hidden_seqs,
    last_message,
    ...row
  } = inbox;
  return {
    ...row,
    head_seq: Math.max(row.head_seq, counted_seq),
    last_message: last_message === null ? null : readPreview(last_message, inbox.conversation_id),
  };
}

/** A preview that cannot be read is left out: it must not take the list of conversations down with it. */
function readPreview(text: string, conversation_id: string): StoredInboxRow["last_message"] {
  try {
    return messageSchema.parse(JSON.parse(text));
  } catch (error) {
    log("error", "the preview of an inbox row cannot be read", { conversation_id, ...errorFields(error) });
    return null;
  }
}

/** An inbox row as devices see it; the peer by id, since profiles are the Worker's. */
function inboxRow(inbox: Inbox): InboxRow {
  const { peer_id, ...row } = storedRow(inbox);
  return { ...row, ...(peer_id !== null && { peer: { user_id: peer_id } }) };
}

export function hiddenFrame(payload: MessageHiddenFrame["payload"]): ServerFrame {
  return { type: "MESSAGE_HIDDEN", payload };
}

export function inboxFrame(inbox: Inbox): ServerFrame {
  return { type: "INBOX_UPDATE", payload: inboxRow(inbox) };
}
