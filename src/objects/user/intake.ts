import type { HandOver, HandOverReceipt } from "../../domain/hand-over.ts";
import {
  type Inbox,
  isOvertaken,
  leaveWhenTold,
  openInbox,
  takeHandOver,
  withMembership,
} from "../../domain/inbox.ts";
import { contributionOf } from "../../domain/unread.ts";
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
  now: number,
): Intake {
  const { face } = handOver;
  const known = book.get(face.conversation_id);
  const before = known ?? openInbox(face);
  const isOld = isOvertaken(before, handOver);
  const faced = isOld ? before : withMembership(withFace(before, face), face);
  const { inbox: after, fresh } = takeHandOver(faced, handOver, user_id, device_ids, now);
  const taken = isOld ? after : leaveWhenTold(after, face);
  const hasChanged =
    faced !== before || taken.read_seq !== before.read_seq || hasOtherCounts(fresh, user_id, taken.read_seq);
  // Who is no member any more has no row to see.
  const isRowNews = taken.left_seq === null && (!known || hasChanged);
  const saved = !known || taken !== before ? book.save(taken) : taken;
  if (fresh.length > 0) book.ackWhatCame(face.conversation_id, now);
  const inbox = book.get(face.conversation_id) ?? saved;
  const { head_seq, delivered_seq, delivered_at, read_seq } = inbox;
  return { inbox, receipt: { head_seq, delivered_seq, delivered_at, read_seq }, fresh, isRowNews };
}

/** Counts that follow from more than new messages: a deletion, an edit that names the user, of what is unread. */
function hasOtherCounts(fresh: HandOver["entries"], user_id: string, read_seq: number): boolean {
  return fresh.some((entry) => {
    const contribution = entry.kind === "message" ? null : contributionOf(entry, user_id);
    return contribution !== null && contribution.message_seq > read_seq;
  });
}

function withFace(inbox: Inbox, face: HandOver["face"]): Inbox {
  const { name, avatar_url } = face;
  return inbox.name === name && inbox.avatar_url === avatar_url ? inbox : { ...inbox, name, avatar_url };
}
