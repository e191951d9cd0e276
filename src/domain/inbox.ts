import type { InboxRow } from "../protocol/conversation.ts";
import {
  type ConversationFace,
  type HandedEntry,
  type HandOver,
  type HiddenMessage,
  isOrigin,
  type ReadState,
} from "./hand-over.ts";
import { isArchivedAfter } from "./inbox-settings.ts";
import { type MessagePreview, previewAfter, previewWithout } from "./preview.ts";
import { type Contribution, type Counts, contributionsOf, sumAfter } from "./unread.ts";

/** Acked positions of the devices that lag behind: device id → last acked `seq`. A device not named here has everything. */
export type Positions = Readonly<Record<string, number>>;

/** One conversation in a user's inbox, with what each device still has to receive: a range, not copies (design: delivery). */
export interface Inbox extends Omit<InboxRow, "peer" | "last_message"> {
  readonly peer_id: string | null;
  /** As it came: it is only read where the row is shown. */
  readonly last_message: MessagePreview | null;
  /** What one of the user's devices at least has received, and since when. */
  readonly delivered_seq: number;
  readonly delivered_at: number;
  /** The counts cover the entries up to here; later ones add to them. */
  readonly counted_seq: number;
  /** How many messages its user has hidden, of which the counts know; and those of them after the read mark. */
  readonly hidden_count: number;
  readonly hidden_seqs: readonly number[];
  /** The last entry its user gets, who is no member any more (CONV-4). */
  readonly left_seq: number | null;
  readonly positions: Positions;
}

/** A conversation that its user has just come into. */
export function openInbox(face: ConversationFace): Inbox {
  return {
    conversation_id: face.conversation_id,
    type: face.type,
    name: face.name,
    avatar_url: face.avatar_url,
    peer_id: face.peer_id,
    last_message: null,
    head_seq: face.joined_seq,
    counted_seq: face.joined_seq,
    read_seq: face.joined_seq,
    delivered_seq: face.joined_seq,
    delivered_at: 0,
    unread_count: 0,
    mention_count: 0,
    muted_until: null,
    notifications: "all",
    pinned: false,
    archived: false,
    marked_unread: false,
    is_request: face.is_request,
    hidden_count: 0,
    hidden_seqs: [],
    left_seq: null,
    updated_at: face.created_at,
    sync_id: 0,
    positions: {},
  };
}

/** The entries of a hand-over that the inbox does not have yet, or null if there is a hole before them. */
export function freshEntries(
  inbox: Inbox,
  after_seq: number,
  entries: readonly HandedEntry[],
): readonly HandedEntry[] | null {
  if (after_seq > inbox.head_seq) return null;
  return entries.filter(({ seq }) => seq > inbox.head_seq);
}

/** Takes in fresh entries: head, unread count, and what each device now lacks (DLV-1, DLV-2). */
export function receiveEntries(
  inbox: Inbox,
  fresh: readonly HandedEntry[],
  user_id: string,
  device_ids: readonly string[],
): Inbox {
  const last = fresh.at(-1);
  if (!last) return inbox;
  const { counted_seq, read_seq, hidden_seqs } = inbox;
  const counts = sumAfter(contributionsOf(fresh, user_id), counted_seq, read_seq, hidden_seqs);
  const newest = fresh.findLast(({ kind }) => kind === "message" || kind === "event");
  return {
    ...inbox,
    ...withCounts(inbox, counts),
    head_seq: last.seq,
    counted_seq: Math.max(counted_seq, last.seq),
    last_message: previewAfter(inbox.last_message, fresh),
    updated_at: newest?.created_at ?? inbox.updated_at,
    archived: isArchivedAfter(inbox, fresh, user_id),
    positions: laggingAfter(inbox, fresh, user_id, device_ids, last.seq),
  };
}

/** Counts are never negative, whatever a damaged log says (UNR-1). */
function withCounts(
  { unread_count, mention_count }: Pick<Inbox, "unread_count" | "mention_count">,
  { unread, mentions }: Counts,
) {
  return {
    unread_count: Math.max(0, unread_count + unread),
    mention_count: Math.max(0, mention_count + mentions),
  };
}

/**
 * Takes in a hand-over. Its read state may be older than its entries, which came while the call was waiting to be made:
 * those are added to what it counted. But one that is older than what was here before, from a call that a crash delayed,
 * does not know all that is unread: it is passed over, and the conversation, which sees it from the receipt, counts anew
 * (UNR-1). Returns the same object if everything was known.
 */
export function takeHandOver(
  inbox: Inbox,
  handOver: Omit<HandOver, "face" | "ticks">,
  user_id: string,
  device_ids: readonly string[],
  now: number,
): {
  readonly inbox: Inbox;
  readonly fresh: readonly HandedEntry[];
  readonly hidden: readonly HiddenMessage[];
} {
  const { after_seq, entries, acks, read } = handOver;
  const fresh = freshEntries(inbox, after_seq, entries) ?? [];
  let next = receiveEntries(inbox, fresh, user_id, device_ids);
  for (const { device_id, seq, at } of acks) next = acknowledge(next, device_id, seq, at);
  if (!read || read.as_of_seq < inbox.head_seq) return { inbox: next, fresh, hidden: [] };
  next = applyRead(next, read, contributionsOf(fresh, user_id), now);
  const hidden = read.hidden?.news ?? [];
  return { inbox: withoutHidden(next, hidden, fresh, read.as_of_seq), fresh, hidden };
}

/** The preview does not show what its user has hidden. */
function withoutHidden(
  inbox: Inbox,
  hidden: readonly HiddenMessage[],
  fresh: readonly HandedEntry[],
  as_of_seq: number,
): Inbox {
  if (hidden.length === 0) return inbox;
  const later = fresh.filter(({ seq }) => seq > as_of_seq);
  const last_message = previewWithout(inbox.last_message, hidden, later);
  return last_message === inbox.last_message ? inbox : { ...inbox, last_message };
}

/** The device that sent an entry has it; if it also had everything before, it does not lag. */
function laggingAfter(
  inbox: Inbox,
  fresh: readonly HandedEntry[],
  user_id: string,
  device_ids: readonly string[],
  head_seq: number,
): Positions {
  const positions: Record<string, number> = {};
  for (const device_id of device_ids) {
    let position = positionOf(inbox, device_id);
    for (const handed of fresh) {
      const { seq } = handed;
      if (position === seq - 1 && isOrigin(handed, user_id, device_id)) position = seq;
    }
    if (position < head_seq) positions[device_id] = position;
  }
  return positions;
}

/** Up to which entry a device has acked. */
export function positionOf(inbox: Inbox, device_id: string): number {
  return Object.hasOwn(inbox.positions, device_id)
    ? (inbox.positions[device_id] ?? inbox.head_seq)
    : inbox.head_seq;
}

/** A device acks everything up to `seq` (cumulative). Returns the same object if that was known (DLV-2). */
export function acknowledge(inbox: Inbox, device_id: string, seq: number, now: number): Inbox {
  const target = Math.min(seq, inbox.head_seq);
  const delivered = deliver(inbox, target, now);
  if (target <= positionOf(inbox, device_id)) return delivered;
  const { [device_id]: _, ...others } = inbox.positions;
  const positions = target < inbox.head_seq ? { ...others, [device_id]: target } : others;
  return { ...delivered, positions };
}

/** Moves the delivered mark up to `seq`. Returns the same object if it was there. */
function deliver(inbox: Inbox, seq: number, now: number): Inbox {
  return seq > inbox.delivered_seq ? { ...inbox, delivered_seq: seq, delivered_at: now } : inbox;
}

/**
 * Takes over what the conversation says is read and unread. `arrivals` is what the entries add that came in since it
 * was asked: those it could not count are added (UNR-1). Returns the same object if the answer is older than what is known.
 */
export function applyRead(
  inbox: Inbox,
  read: ReadState,
  arrivals: readonly Contribution[],
  now: number,
): Inbox {
  const { count: hidden_count, unread_seqs: hidden_seqs } = read.hidden ?? NOTHING_HIDDEN;
  if (read.read_seq < inbox.read_seq || hidden_count < inbox.hidden_count) return inbox;
  const isSame = read.read_seq === inbox.read_seq && hidden_count === inbox.hidden_count;
  const isOlder = isSame && read.as_of_seq < inbox.counted_seq;
  const isKnown =
    isSame &&
    read.as_of_seq === inbox.counted_seq &&
    read.unread_count === inbox.unread_count &&
    read.mention_count === inbox.mention_count;
  // Who looks at what was read before has come back to it; who hides something has not.
  const marked_unread =
    inbox.marked_unread && read.read_seq === inbox.read_seq && hidden_count > inbox.hidden_count;
  if (isOlder || isKnown) return marked_unread === inbox.marked_unread ? inbox : { ...inbox, marked_unread };
  return {
    ...deliver(inbox, Math.min(read.read_seq, inbox.head_seq), now),
    read_seq: read.read_seq,
    ...withCounts(read, sumAfter(arrivals, read.as_of_seq, read.read_seq, hidden_seqs)),
    marked_unread,
    hidden_count,
    hidden_seqs,
    counted_seq: Math.max(inbox.counted_seq, read.as_of_seq),
  };
}

const NOTHING_HIDDEN = { count: 0, unread_seqs: [] } as const;

/**
 * A call that ends before the inbox does was overtaken by a newer one: what it says of the conversation and of the
 * membership is older than what is here.
 */
export function isOvertaken(inbox: Inbox, { after_seq, entries }: Pick<HandOver, "after_seq" | "entries">) {
  return (entries.at(-1)?.seq ?? after_seq) < inbox.head_seq;
}

/**
 * Follows what the conversation says of the membership. Who comes back begins anew at the entry that says so, and each of its
 * devices with it; what it had is from another time (CONV-5). Nothing is unread then, unless the user has read on in the new
 * one already. An overtaken leaving does not undo that.
 */
export function withMembership(inbox: Inbox, { joined_seq, left_seq }: ConversationFace): Inbox {
  const isBack = left_seq === null && inbox.left_seq !== null && joined_seq >= inbox.left_seq;
  if (!isBack && joined_seq <= inbox.head_seq) return inbox;
  const nothing = { counted_seq: joined_seq, read_seq: joined_seq, unread_count: 0, mention_count: 0 };
  return {
    ...inbox,
    ...(inbox.read_seq < joined_seq && nothing),
    last_message: null,
    head_seq: joined_seq,
    delivered_seq: joined_seq,
    marked_unread: false,
    left_seq: isBack ? null : inbox.left_seq,
    positions: {},
  };
}

/** Follows what the conversation is called. Accepted it stays, whatever a call that was overtaken says. */
export function withFace(inbox: Inbox, { name, avatar_url, ...face }: ConversationFace): Inbox {
  const is_request = inbox.is_request && face.is_request;
  const isSame = inbox.name === name && inbox.avatar_url === avatar_url && inbox.is_request === is_request;
  return isSame ? inbox : { ...inbox, name, avatar_url, is_request };
}

/** The inbox has come up to the entry with which its user left. Returns the same object if it has not. */
export function leaveWhenTold(inbox: Inbox, { left_seq }: ConversationFace): Inbox {
  const isTold = left_seq !== null && inbox.head_seq === left_seq && inbox.left_seq !== left_seq;
  return isTold ? { ...inbox, left_seq } : inbox;
}
