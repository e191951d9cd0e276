import type { ShownMessage } from "../../../sdk/index.ts";
import { daysBetween } from "../text/times.ts";

/** What stands in the list, one below the other. */
export type TimelineItem =
  | { readonly kind: "day"; readonly key: string; readonly at: number }
  | { readonly kind: "unread"; readonly key: string }
  | { readonly kind: "event"; readonly key: string; readonly message: ShownMessage }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly message: ShownMessage;
      /** Of what one person said in a row. */
      readonly isFirst: boolean;
      readonly isLast: boolean;
    };

/** What is said within this time belongs together. */
const TOGETHER_MS = 5 * 60_000;

/**
 * Messages with the days they were said on, those of one person in a row together, and where the unread ones begin. While there
 * are earlier ones, nobody knows whether the first day begins where they do: it is not named yet.
 */
export function timelineItems(
  messages: readonly ShownMessage[],
  first_unread_seq: number | null,
  hasEarlier: boolean,
): TimelineItem[] {
  const items: TimelineItem[] = [];
  const shown = messages.filter(({ hidden }) => !hidden);
  let before: ShownMessage | null = null;
  for (const [index, message] of shown.entries()) {
    const isNewDay = before === null ? !hasEarlier : daysBetween(before.created_at, message.created_at) !== 0;
    if (isNewDay) items.push({ kind: "day", key: `day ${message.key}`, at: message.created_at });
    const isFirstUnread = first_unread_seq !== null && message.seq === first_unread_seq;
    if (isFirstUnread) items.push({ kind: "unread", key: "unread" });
    if (message.event) items.push({ kind: "event", key: message.key, message });
    else {
      const next = shown[index + 1];
      const isLast = !next || !belongTogether(message, next) || next.seq === first_unread_seq;
      const isFirst = isFirstUnread || before === null || !belongTogether(before, message);
      items.push({ kind: "message", key: message.key, message, isFirst, isLast });
    }
    before = message;
  }
  return items;
}

function belongTogether(earlier: ShownMessage, later: ShownMessage): boolean {
  return (
    !earlier.event &&
    !later.event &&
    earlier.sender_id === later.sender_id &&
    later.created_at - earlier.created_at < TOGETHER_MS &&
    daysBetween(earlier.created_at, later.created_at) === 0
  );
}

/** The first message by somebody else that lies after what was read; null if there is none. */
export function firstUnread(messages: readonly ShownMessage[], read_seq: number): number | null {
  const first = messages.find(({ seq, mine, event }) => seq !== null && seq > read_seq && !mine && !event);
  return first?.seq ?? null;
}
