import type { Virtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Conversation } from "../../../sdk/index.ts";
import { useAction } from "../data/use-action.ts";
import { useText } from "../text/text.tsx";
import { notify } from "../ui/announcer.tsx";
import { type Goal, jump } from "./jump.ts";
import type { TimelineItem } from "./timeline.ts";

const MARKED_MS = 1_600;

/** Goes to a message, however long ago it was said, and marks it for a moment; or to the newest. */
export function useJump(
  conversation: Conversation,
  items: readonly TimelineItem[],
  virtualizer: Virtualizer<HTMLDivElement, Element>,
) {
  const text = useText();
  const { run } = useAction();
  const [markedSeq, setMarked] = useState<number | null>(null);
  const goal = useRef<Goal["current"]>(null);
  const latest = useRef(items);
  latest.current = items;
  const reach = useCallback(() => {
    const { current: to } = goal;
    const { hasLater } = conversation.getSnapshot();
    if (to === "newest" && !hasLater) virtualizer.scrollToEnd();
    else {
      const index = latest.current.findIndex((item) => "message" in item && item.message.seq === to);
      if (to === null || to === "newest" || index < 0) return;
      virtualizer.scrollToIndex(index, { align: "center" });
      setMarked(to);
    }
    goal.current = null;
  }, [conversation, virtualizer]);
  // As soon as it is in the list, and before anybody sees where the list would stand otherwise.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list may have it.
  useLayoutEffect(reach, [items, reach]);
  const jumpTo = useCallback(
    (seq: number) =>
      void run(async () => {
        if (!(await jump(goal, seq, conversation, reach))) notify(text.originalGone);
      }),
    [conversation, run, reach, text],
  );
  const showNewest = useCallback(() => {
    goal.current = "newest";
    const { hasLater } = conversation.getSnapshot();
    // Also where the newest is shown: a jump may be under way.
    conversation.showNewest();
    if (!hasLater) reach();
  }, [conversation, reach]);
  useEffect(() => {
    if (markedSeq === null) return;
    const timer = setTimeout(() => setMarked(null), MARKED_MS);
    return () => clearTimeout(timer);
  }, [markedSeq]);
  return { jumpTo, showNewest, isJumping: () => goal.current !== null, markedSeq };
}
