import type { HandOver, HandOverReceipt } from "../../domain/hand-over.ts";
import { freshHidden, withHidden } from "../../domain/hidden.ts";
import {
  type Inbox,
  isOvertaken,
  leaveWhenTold,
  openInbox,
  takeHandOver,
  withFace,
  withMembership,
} from "../../domain/inbox.ts";
import { contributionOf } from "../../domain/unread.ts";
import type { InboxBook } from "./inbox-book.ts";
import type { HiddenRecord } from "./store.ts";

/** What a hand-over did to the inbox, and what the devices are to be told of it. */
export interface Intake {
  readonly inbox: Inbox;
  readonly receipt: Omit<HandOverReceipt, "listening">;
  readonly fresh: HandOver["entries"];
  /** What the user has hidden, on whichever device. */
  readonly hidden: readonly HiddenRecord[];
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
  // On its way when it was hidden, or delayed by a crash.
  const entries = withHidden(handOver.entries, book.hiddenAmong(before, handOver.entries));
  const given = takeHandOver(faced, { ...handOver, entries }, user_id, device_ids, now);
  const taken = isOld ? given.inbox : leaveWhenTold(given.inbox, face);
  const known_count = book.hiddenCount(taken);
  const hidden = freshHidden(given.hidden, known_count);
  const fresh = withHidden(given.fresh, new Set(hidden.map(({ seq }) => seq)));
  const hasChanged =
    faced !== before ||
    hasOtherMarks(taken, before) ||
    hidden.length > 0 ||
    wasToldAhead(before, fresh) ||
    hasOtherCounts(fresh, user_id, taken.read_seq);
  // Who is no member any more has no row to see.
  const isRowNews = taken.left_seq === null && (!known || hasChanged);
  const changes = book.hide(taken, hidden);
  const saved = !known || taken !== before || changes.length > 0 ? book.save(taken) : taken;
  if (fresh.length > 0) book.ackWhatCame(face.conversation_id, now);
  const inbox = book.get(face.conversation_id) ?? saved;
  const receipt = receiptOf(inbox, known_count + hidden.length);
  return { inbox, receipt, fresh, hidden: changes, isRowNews };
}

function receiptOf(inbox: Inbox, told_count: number): Intake["receipt"] {
  const { head_seq, delivered_seq, delivered_at, read_seq } = inbox;
  // Known is what is neither counted nor kept from the devices.
  const hidden_count = Math.min(inbox.hidden_count, told_count);
  return { head_seq, delivered_seq, delivered_at, read_seq, hidden_count };
}

/** The row has said by its head that it counts these, when it could not show them (UNR-1). */
function wasToldAhead({ head_seq, counted_seq }: Inbox, fresh: HandOver["entries"]): boolean {
  return fresh.length > 0 && counted_seq > head_seq;
}

function hasOtherMarks(taken: Inbox, before: Inbox): boolean {
  return (
    taken.read_seq !== before.read_seq ||
    taken.archived !== before.archived ||
    taken.marked_unread !== before.marked_unread
  );
}

/** Counts that follow from more than new messages: a deletion, an edit that names the user, of what is unread. */
function hasOtherCounts(fresh: HandOver["entries"], user_id: string, read_seq: number): boolean {
  return fresh.some((entry) => {
    const contribution = entry.kind === "message" ? null : contributionOf(entry, user_id);
    return contribution !== null && contribution.message_seq > read_seq;
  });
}
