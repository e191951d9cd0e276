import type { InboxRow } from "../protocol/conversation.ts";
import type { InboxSettings } from "../protocol/inbox.ts";
import type { HandedEntry } from "./hand-over.ts";

/** What an inbox row says of its user's wishes. */
type Wishes = Pick<InboxRow, keyof InboxSettings>;

/** Takes over what the user has set. Returns the same object if nothing changes. */
export function changeSettings<T extends Wishes>(inbox: T, settings: InboxSettings): T {
  const {
    muted_until = inbox.muted_until,
    notifications = inbox.notifications,
    pinned = inbox.pinned,
    archived = inbox.archived,
    marked_unread = inbox.marked_unread,
  } = settings;
  const isSame =
    muted_until === inbox.muted_until &&
    notifications === inbox.notifications &&
    pinned === inbox.pinned &&
    archived === inbox.archived &&
    marked_unread === inbox.marked_unread;
  return isSame ? inbox : { ...inbox, muted_until, notifications, pinned, archived, marked_unread };
}

/** Would a message be made known to the user? By the time it was written, so that it follows from the log. */
export function isLoud(
  { muted_until, notifications }: Wishes,
  message: HandedEntry,
  user_id: string,
): boolean {
  if (muted_until !== null && muted_until > message.created_at) return false;
  if (notifications === "mentions") return message.mentions.includes(user_id);
  return notifications === "all";
}

/** A conversation that goes on comes out of the archive, unless its user wants to hear nothing of it. */
export function isArchivedAfter(inbox: Wishes, fresh: readonly HandedEntry[], user_id: string): boolean {
  return inbox.archived && !fresh.some((entry) => entry.kind === "message" && isLoud(inbox, entry, user_id));
}
