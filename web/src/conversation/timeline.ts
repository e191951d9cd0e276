import type { ConversationSnapshot, ShownMessage } from "../../../sdk/index.ts";
import { isSameDay } from "../text/times.ts";

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

type Shown = Pick<ConversationSnapshot, "messages" | "hasEarlier" | "hasLater">;

/** Messages with the days they were said on, those of one person in a row together, and where the unread ones begin. */
export function timelineItems(snapshot: Shown, first_unread_seq: number | null): TimelineItem[] {
  const items: TimelineItem[] = [];
  const shown = snapshot.messages.filter(({ hidden }) => !hidden);
  const { from, to } = settledPart(shown, snapshot);
  for (let index = from; index < to; index++) {
    const message = shown[index];
    if (!message) continue;
    const before = shown[index - 1] ?? null;
    const isNewDay = before === null || !isSameDay(before.created_at, message.created_at);
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
  }
  return items;
}

/**
 * How a message looks depends on its neighbours. At an edge where there are more to be loaded, one waits for them: what is on
 * screen would change its height otherwise, and everything would move.
 */
function settledPart(shown: readonly ShownMessage[], { hasEarlier, hasLater }: Omit<Shown, "messages">) {
  const from = hasEarlier && shown.length > 1 ? 1 : 0;
  const to = hasLater && shown.length > from + 1 ? shown.length - 1 : shown.length;
  return { from, to };
}

/** On which side of a message more is to be loaded before it stands in the list; null if it does already, or is not there. */
export function waitsFor({ messages, ...edges }: Shown, seq: number): "earlier" | "later" | null {
  const shown = messages.filter(({ hidden }) => !hidden);
  const { from, to } = settledPart(shown, edges);
  const index = shown.findIndex((message) => message.seq === seq);
  if (index < 0) return null;
  return index < from ? "earlier" : index >= to ? "later" : null;
}

function belongTogether(earlier: ShownMessage, later: ShownMessage): boolean {
  return (
    !earlier.event &&
    !later.event &&
    earlier.sender_id === later.sender_id &&
    later.created_at - earlier.created_at < TOGETHER_MS &&
    isSameDay(earlier.created_at, later.created_at)
  );
}

/** The first message by somebody else that lies after what was read; null if there is none. */
export function firstUnread({ messages, ...edges }: Shown, read_seq: number): number | null {
  const { from } = settledPart(messages, edges);
  const first = messages
    .slice(from)
    .find(({ seq, mine, event }) => seq !== null && seq > read_seq && !mine && !event);
  return first?.seq ?? null;
}

/**
 * Up to where whoever has seen the items down to this index, or to the end, has read. The end is that of everything, also of what is no
 * message; unless the newest have not come yet.
 */
export function seqReadBy(
  items: readonly TimelineItem[],
  shownTo: number | "end",
  row: { readonly head_seq: number; readonly last_message: { readonly seq: number } | null } | null,
): number {
  const shown = shownTo === "end" ? items : items.slice(0, shownTo + 1);
  const seq = shown.flatMap((item) => ("message" in item ? (item.message.seq ?? []) : [])).at(-1) ?? 0;
  const isEverything = shownTo === "end" && row !== null && seq >= (row.last_message?.seq ?? 0);
  return isEverything ? row.head_seq : seq;
}
