import { invalidRequest, type Refusal, refusal } from "../protocol/errors.ts";
import type { MessageDraft, SentAck } from "../protocol/message.ts";
import { exceedsCodePoints } from "../protocol/text.ts";
import { type Entry, type EntryExtra, type EntryKind, NO_MESSAGE } from "./entry.ts";
import { nextMessageId } from "./message-id.ts";

/** The end of a conversation's log: where the next entry goes. */
export interface LogHead {
  readonly seq: number;
  readonly message_id: string | null;
  readonly created_at: number;
}

export const EMPTY_LOG: LogHead = { seq: 0, message_id: null, created_at: 0 };

export interface SendLimits {
  readonly max_message_chars: number;
}

/** Why a draft cannot become an entry, or null (SEND-4). */
export function refuseDraft(draft: MessageDraft, head: LogHead, limits: SendLimits): Refusal | null {
  if (exceedsCodePoints(draft.content, limits.max_message_chars)) {
    return refusal("message_too_long", `A message may have ${limits.max_message_chars} characters`);
  }
  if (draft.reply_to_seq !== null && draft.reply_to_seq > head.seq) {
    return invalidRequest([{ path: "reply_to_seq", message: "there is no such entry" }]);
  }
  return null;
}

/** What a new entry says; its place, id and time are the log's to give. */
export interface EntryDraft {
  readonly kind: EntryKind;
  readonly sender_id: string;
  readonly draft?: Pick<MessageDraft, "client_message_id" | "content" | "reply_to_seq" | "metadata">;
  readonly target_seq?: number | null;
  readonly extra?: EntryExtra | null;
}

/** The entry a draft becomes at the end of the log (SEQ-1). Time never runs backwards within a conversation. */
export function sequence(
  { kind, sender_id, draft, target_seq = null, extra = null }: EntryDraft,
  head: LogHead,
  candidateId: string,
  now: number,
): Entry {
  return {
    ...NO_MESSAGE,
    ...(draft && {
      client_message_id: draft.client_message_id,
      content: draft.content,
      reply_to_seq: draft.reply_to_seq,
      metadata: draft.metadata,
    }),
    seq: head.seq + 1,
    kind,
    message_id: nextMessageId(head.message_id, candidateId),
    sender_id,
    target_seq,
    extra,
    created_at: Math.max(now, head.created_at),
  };
}

export function headAfter(entry: Entry): LogHead {
  return { seq: entry.seq, message_id: entry.message_id, created_at: entry.created_at };
}

/** What the sender of an entry is told (SEND-1, IDEM-1). */
export function sentAck(
  entry: Pick<Entry, "message_id" | "seq" | "created_at">,
  conversation_id: string,
  client_message_id: string,
  duplicate: boolean,
): SentAck {
  const { message_id, seq, created_at } = entry;
  return { status: "sent", conversation_id, client_message_id, message_id, seq, created_at, duplicate };
}
