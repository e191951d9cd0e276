import type { InboxRow } from "../../../sdk/index.ts";

export type InboxView = "inbox" | "archived" | "requests";

/** In which of the lists a conversation stands. */
export function viewOf(row: InboxRow): InboxView {
  if (row.is_request) return "requests";
  return row.archived ? "archived" : "inbox";
}

/** The rows of one list, pinned ones first, each part in the order it came; with a filter: of all lists, whose name has it. */
export function arrange(
  rows: readonly InboxRow[],
  view: InboxView,
  filter: string,
  nameOfRow: (row: InboxRow) => string,
): InboxRow[] {
  const wanted = filter.trim().toLocaleLowerCase();
  const shown = rows.filter((row) =>
    wanted === "" ? viewOf(row) === view : nameOfRow(row).toLocaleLowerCase().includes(wanted),
  );
  return [...shown.filter(({ pinned }) => pinned), ...shown.filter(({ pinned }) => !pinned)];
}

/** Muted now: for good, or not yet over. */
export function isMuted(row: InboxRow, now: number): boolean {
  return row.notifications === "none" || (row.muted_until !== null && row.muted_until > now);
}

/** Of what is unread in a quiet conversation, only mentions are to be told of. */
export function isQuiet(row: InboxRow, now: number): boolean {
  return isMuted(row, now) || row.notifications !== "all";
}

/** What the badge of the page counts: not what somebody has put aside. */
export function badgeCount(rows: readonly InboxRow[], now: number): number {
  return rows.reduce((sum, row) => {
    if (viewOf(row) !== "inbox") return sum;
    if (isQuiet(row, now)) return sum + row.mention_count;
    return sum + Math.max(row.unread_count, row.marked_unread ? 1 : 0);
  }, 0);
}
