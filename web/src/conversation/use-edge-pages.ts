import type { Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { Conversation, ConversationSnapshot } from "../../../sdk/index.ts";
import { useAction } from "../data/use-action.ts";

/** So near to an edge the page beyond it is loaded: both, since messages may be tall, and most are not. */
const NEAR_PX = 1_500;
const NEAR_ITEMS = 15;

/** Loads what lies before and after what is shown, as soon as somebody comes near. */
export function useEdgePages({
  conversation,
  snapshot: { hasEarlier, hasLater },
  virtualizer,
  scroller,
  isPlaced,
}: {
  conversation: Conversation;
  snapshot: ConversationSnapshot;
  virtualizer: Virtualizer<HTMLDivElement, Element>;
  scroller: RefObject<HTMLDivElement | null>;
  /** Before it is placed for the first time the list stands at its top, and nobody has come there. */
  isPlaced: RefObject<boolean>;
}): boolean {
  const { run } = useAction();
  const [isLoading, setLoading] = useState(false);
  // Where it did not work. It is tried again when somebody moves, not for ever.
  const stuckAt = useRef<string | null>(null);
  const { startIndex = 0, endIndex = 0 } = virtualizer.range ?? {};
  const { count } = virtualizer.options;
  const place = `${startIndex} ${endIndex}`;
  const load = async (page: () => Promise<unknown>) => {
    setLoading(true);
    stuckAt.current = (await run(page)) ? null : place;
    setLoading(false);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is left out stays the same, or follows from the place.
  useEffect(() => {
    if (!isPlaced.current || isLoading || stuckAt.current === place) return;
    const isNearTop = startIndex < NEAR_ITEMS && (scroller.current?.scrollTop ?? 0) < NEAR_PX;
    const isNearEnd = endIndex >= count - NEAR_ITEMS && virtualizer.isAtEnd(NEAR_PX);
    if (hasEarlier && isNearTop) void load(() => conversation.loadEarlier());
    else if (hasLater && isNearEnd) void load(() => conversation.loadLater());
  }, [hasEarlier, hasLater, isLoading, place, count]);
  return isLoading;
}
