import { conversationObject } from "../../middleware/objects.ts";
import { unwrap } from "../../middleware/refusal-error.ts";
import type { Message, MessageDraft, SentAck } from "../../protocol/message.ts";

/** A message that was just stored, from what was sent and what the ack says of it. */
export function messageFrom(draft: MessageDraft, ack: SentAck, sender_id: string): Message {
  const { conversation_id, message_id, seq, created_at } = ack;
  return {
    ...draft,
    conversation_id,
    message_id,
    seq,
    created_at,
    sender_id,
    edited_at: null,
    deleted_at: null,
    reactions: [],
  };
}

/** The message that a repeat repeats: since then it may have been edited, and the repeat may say something else (IDEM-1). */
export async function findStored(env: Env, user_id: string, ack: SentAck): Promise<Message | undefined> {
  const conversation = conversationObject(env, ack.conversation_id);
  const page = unwrap(await conversation.history(user_id, { after_seq: ack.seq - 1, limit: 1 }));
  return page.items.find((message) => message.message_id === ack.message_id);
}
