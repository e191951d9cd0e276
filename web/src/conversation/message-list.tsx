import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, LoaderCircle, MessagesSquare } from "lucide-react";
import {
  type RefObject,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
} from "react";
import type { Conversation, ConversationSnapshot } from "../../../sdk/index.ts";
import { useNow } from "../data/use-now.ts";
import { useLocale, useText } from "../text/text.tsx";
import { dayName } from "../text/times.ts";
import { IconButton } from "../ui/button.tsx";
import { Empty } from "../ui/states.tsx";
import { EventText } from "./event-text.tsx";
import type { MessageCommands } from "./message-commands.ts";
import { MessageItem } from "./message-item.tsx";
import { seqReadBy, type TimelineItem, timelineItems } from "./timeline.ts";
import { useEdgePages } from "./use-edge-pages.ts";
import { useJump } from "./use-jump.ts";
import { useReading } from "./use-reading.ts";

const ESTIMATES: Record<TimelineItem["kind"], number> = { day: 44, unread: 40, event: 32, message: 44 };
/** So near to the end counts as there. */
const AT_END_PX = 60;
const HOUR = 3_600_000;

export interface MessageListHandle {
  readonly jumpTo: (seq: number) => void;
}

/**
 * The messages, of which only those on screen are in the page. It opens at the first unread one, stays where it is while
 * older pages come in above, and follows what comes in below if it was at the end.
 */
export function MessageList({
  conversation,
  snapshot,
  first_unread_seq,
  commands,
  handle,
}: {
  conversation: Conversation;
  snapshot: ConversationSnapshot;
  first_unread_seq: number | null;
  commands: MessageCommands;
  handle: RefObject<MessageListHandle | null>;
}) {
  const text = useText();
  const { messages, hasEarlier, hasLater, details, row } = snapshot;
  const items = useMemo(
    () => timelineItems({ messages, hasEarlier, hasLater }, first_unread_seq),
    [messages, hasEarlier, hasLater, first_unread_seq],
  );
  const scroller = useRef<HTMLDivElement>(null);
  // What has come in below is followed only if the newest was there before as well.
  const wasNewest = useRef(!hasLater);
  useEffect(() => {
    wasNewest.current = !hasLater;
  }, [hasLater]);
  // The same functions for the same items: with others everything would be measured anew.
  const estimateSize = useCallback((index: number) => ESTIMATES[items[index]?.kind ?? "message"], [items]);
  const getItemKey = useCallback((index: number) => items[index]?.key ?? index, [items]);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize,
    getItemKey,
    anchorTo: "end",
    followOnAppend: !hasLater && wasNewest.current,
    scrollEndThreshold: AT_END_PX,
    overscan: 10,
    paddingStart: 12,
    paddingEnd: 12,
  });

  // Where it opens, decided once.
  const isPlaced = useRef(false);
  useLayoutEffect(() => {
    if (isPlaced.current || items.length === 0) return;
    isPlaced.current = true;
    const unread = items.findIndex(({ kind }) => kind === "unread");
    if (unread >= 0) virtualizer.scrollToIndex(unread, { align: "start" });
    else virtualizer.scrollToEnd();
  });

  const { jumpTo, showNewest, isJumping, markedSeq } = useJump(conversation, items, virtualizer);
  useImperativeHandle(handle, () => ({ jumpTo }), [jumpTo]);

  // What somebody has just written is shown to them, wherever they were.
  const newest = messages.at(-1);
  const ownKey = newest?.seq === null ? newest.key : null;
  useLayoutEffect(() => {
    if (ownKey !== null) virtualizer.scrollToEnd();
  }, [ownKey, virtualizer]);

  // After everything that moves the list: whoever is taken elsewhere has not come near an edge.
  const isLoading = useEdgePages({ conversation, snapshot, virtualizer, scroller, isPlaced });

  const shownTo = (): number | "end" => {
    const range = virtualizer.calculateRange();
    // Without a range nothing has been laid out yet, and everything would seem to be at the end.
    const isEnd = !hasLater && (items.length === 0 || (range !== null && virtualizer.isAtEnd(AT_END_PX)));
    return isEnd ? "end" : (range?.endIndex ?? -1);
  };
  const isAtEnd = shownTo() === "end";
  // Whoever is on the way elsewhere only passes by what stands here.
  const seqOnScreen = () => (isJumping() ? 0 : seqReadBy(items, shownTo(), row));
  useReading({ conversation, row, seqOnScreen });

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        // What comes in is said by the announcer; this list changes with every scroll.
        aria-live="off"
        aria-label={text.messages}
        aria-busy={isLoading}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with the keyboard.
        tabIndex={0}
        className="flex h-full flex-col overflow-x-hidden overflow-y-auto -outline-offset-2"
      >
        {items.length === 0 ? (
          <Empty icon={MessagesSquare} title={text.noMessages} hint={text.noMessagesHint} />
        ) : (
          <div className="relative mt-auto w-full shrink-0" style={{ height: virtualizer.getTotalSize() }}>
            {virtualizer.getVirtualItems().map(({ index, key, start }) => {
              const item = items[index];
              return (
                item && (
                  <div
                    key={key}
                    data-index={index}
                    ref={virtualizer.measureElement}
                    className="absolute inset-x-0 top-0"
                    style={{ transform: `translateY(${start}px)` }}
                  >
                    <Item item={item} details={details} commands={commands} markedSeq={markedSeq} />
                  </div>
                )
              );
            })}
          </div>
        )}
      </div>
      {isLoading && (
        <span className="absolute top-2 left-1/2 -translate-x-1/2 rounded-full bg-raised p-1.5 text-muted shadow">
          <LoaderCircle aria-hidden size={18} className="animate-spin" />
        </span>
      )}
      {!isAtEnd && (
        <span className="absolute right-4 bottom-3">
          <IconButton
            label={text.scrollToNewest}
            onClick={showNewest}
            className="border border-line bg-raised shadow-md"
          >
            <ArrowDown aria-hidden size={20} />
          </IconButton>
          {(row?.unread_count ?? 0) > 0 && (
            <span className="pointer-events-none absolute -top-2 left-1/2 -translate-x-1/2 rounded-full bg-accent px-1.5 text-xs font-semibold text-white">
              {row?.unread_count}
            </span>
          )}
        </span>
      )}
    </div>
  );
}

function Item({
  item,
  details,
  commands,
  markedSeq,
}: {
  item: TimelineItem;
  details: ConversationSnapshot["details"];
  commands: MessageCommands;
  markedSeq: number | null;
}) {
  const text = useText();
  switch (item.kind) {
    case "day":
      return <Day at={item.at} />;
    case "unread":
      return (
        <div className="flex items-center gap-3 px-4 py-2 text-sm font-medium text-accent-ink before:h-px before:flex-1 before:bg-accent-ink/30 after:h-px after:flex-1 after:bg-accent-ink/30">
          {text.newMessages}
        </div>
      );
    case "event":
      return (
        <p className="px-8 py-1 text-center text-sm text-muted">
          <EventText message={item.message} />
        </p>
      );
    case "message":
      return (
        <MessageItem
          message={item.message}
          isFirst={item.isFirst}
          isLast={item.isLast}
          isMarked={markedSeq !== null && item.message.seq === markedSeq}
          details={details}
          commands={commands}
        />
      );
  }
}

function Day({ at }: { at: number }) {
  const text = useText();
  const language = useLocale();
  const now = useNow(HOUR);
  return (
    <div className="flex justify-center py-2">
      <time
        dateTime={new Date(at).toISOString().slice(0, 10)}
        className="rounded-full bg-raised px-3 py-1 text-xs font-medium text-muted shadow-xs"
      >
        {dayName(language, text, at, now)}
      </time>
    </div>
  );
}
