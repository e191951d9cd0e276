import type { HandOver, HandOverReceipt } from "../../domain/hand-over.ts";
import {
  acknowledge,
  applyRead,
  freshEntries,
  type Inbox,
  openInbox,
  receiveEntries,
} from "../../domain/inbox.ts";
import type { InboxBook } from "./inbox-book.ts";

/** What a hand-over did to the inbox, and what the devices are to be told of it. */
export interface Intake {
  readonly inbox: Inbox;
  readonly receipt: Omit<HandOverReceipt, "listening">;
  readonly fresh: HandOver["entries"];
  /** The row has changed in more than its messages. */
  readonly isRowNews: boolean;
}

/** Takes in a hand-over: the row is written before the answer, so that what is confirmed is durable (DLV-1). */
export function takeIn(
  book: InboxBook,
  handOver: HandOver,
  user_id: string,
  device_ids: readonly string[],
): Intake {
  const { face, after_seq, entries } = handOver;
  const known = book.get(face.conversation_id);
  const before = known ?? openInbox(face);
  const fresh = freshEntries(before, after_seq, entries) ?? [];
  const faced = withFace(before, face);
  let inbox = receiveEntries(faced, fresh, user_id, device_ids);
  for (const { device_id, seq } of handOver.acks) inbox = acknowledge(inbox, device_id, seq);
  if (handOver.read) inbox = applyRead(inbox, handOver.read);
  const isRowNews = !known || faced !== before || inbox.read_seq !== before.read_seq;
  if (!known || inbox !== before) inbox = book.save(inbox);
  const { head_seq, delivered_seq, read_seq } = inbox;
  return { inbox, receipt: { head_seq, delivered_seq, read_seq }, fresh, isRowNews };
}

function withFace(inbox: Inbox, face: HandOver["face"]): Inbox {
  const { name, avatar_url } = face;
  return inbox.name === name && inbox.avatar_url === avatar_url ? inbox : { ...inbox, name, avatar_url };
}
