import type { Virtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useState } from "react";
import type { Conversation } from "../../../sdk/index.ts";
import { useAction } from "../data/use-action.ts";
import type { TimelineItem } from "./timeline.ts";

const MARKED_MS = 1_600;

/** Goes to a message, however long ago it was said, and marks it for a moment. */
export function useJump(
  conversation: Conversation,
  items: readonly TimelineItem[],
  virtualizer: Virtualizer<HTMLDivElement, Element>,
) {
  const { run } = useAction();
  const [target, setTarget] = useState<number | null>(null);
  const [markedSeq, setMarked] = useState<number | null>(null);
  const jumpTo = useCallback(
    (seq: number) =>
      void run(async () => {
        await conversation.showAround(seq);
        setTarget(seq);
      }),
    [conversation, run],
  );
  useLayoutEffect(() => {
    if (target === null) return;
    setTarget(null);
    const index = items.findIndex((item) => "message" in item && item.message.seq === target);
    if (index < 0) return;
    virtualizer.scrollToIndex(index, { align: "center" });
    setMarked(target);
  }, [target, items, virtualizer]);
  useEffect(() => {
    if (markedSeq === null) return;
    const timer = setTimeout(() => setMarked(null), MARKED_MS);
    return () => clearTimeout(timer);
  }, [markedSeq]);
  return { jumpTo, markedSeq };
}
