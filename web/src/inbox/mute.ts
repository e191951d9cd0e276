import type { InboxRow, InboxSettings, Message } from "../../../sdk/index.ts";
import type { Catalogue } from "../text/en.ts";
import { clockTime, daysBetween, fullTime } from "../text/times.ts";
import { isMuted } from "./arrange.ts";

/** The last moment of the calendar: muted until then is muted until its user wants otherwise. */
export const FOR_GOOD = 8_640_000_000_000_000;

/** What ends the silence, however it came about. */
export function unmuted({ notifications }: InboxRow): InboxSettings {
  return { muted_until: null, ...(notifications === "none" && { notifications: "all" }) };
}

/** Is its user to be told of a message in this conversation? */
export function isToBeTold(row: InboxRow, message: Message, user_id: string, now: number): boolean {
  if (row.is_request || isMuted(row, now) || message.seq <= row.read_seq) return false;
  return row.notifications === "all" || message.mentions?.includes(user_id) === true;
}

/** Until when a conversation is muted, in words; null if it is not. */
export function muteText(row: InboxRow, text: Catalogue, language: string, now: number): string | null {
  const { muted_until } = row;
  if (!isMuted(row, now)) return null;
  if (muted_until === null || muted_until <= now) return text.muted;
  if (muted_until >= FOR_GOOD) return text.mutedForGood;
  const isToday = daysBetween(now, muted_until) === 0;
  return text.mutedUntil((isToday ? clockTime : fullTime)(language, muted_until));
}
