import { useEffect, useState } from "react";
import type { Conversation, InboxRow } from "../../../sdk/index.ts";
import { useIsCovered } from "../ui/covers.ts";

/** Somebody is there and looks at this page. */
function useIsLooking(): boolean {
  const [isLooking, setLooking] = useState(looks);
  useEffect(() => {
    const look = () => setLooking(looks());
    const events = ["focus", "blur", "visibilitychange"] as const;
    for (const name of events) addEventListener(name, look, true);
    return () => {
      for (const name of events) removeEventListener(name, look, true);
    };
  }, []);
  return isLooking;
}

function looks(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

/**
 * Tells what has been read: what was on screen while somebody looked; `seqOnScreen` says how far that goes. Of a request nothing is
 * told before it is accepted.
 */
export function useReading({
  conversation,
  row,
  seqOnScreen,
}: {
  conversation: Conversation;
  row: InboxRow | null;
  seqOnScreen: () => number;
}): void {
  const isLooking = useIsLooking();
  const isCovered = useIsCovered();
  const isUnread = (row?.unread_count ?? 0) > 0;
  const isRequest = row?.is_request === true;
  const read_seq = row?.read_seq ?? 0;
  // Whenever something else is drawn.
  useEffect(() => {
    if (!isLooking || isCovered || !isUnread || isRequest) return;
    return onceSettled(() => {
      const seq = seqOnScreen();
      if (seq > read_seq) conversation.markRead(seq);
    });
  });
  // Who opens what was set aside to come back to has come back, and has not read what came in meanwhile.
  useEffect(() => {
    const opened = conversation.getSnapshot().row;
    if (opened?.marked_unread)
      conversation.markRead(opened.unread_count > 0 ? opened.read_seq : opened.head_seq);
  }, [conversation]);
}

/** What is drawn for the first time is measured, and moved to its place, until its first frame is over: nobody has seen it before. */
function onceSettled(call: () => void): () => void {
  let frame = requestAnimationFrame(() => {
    frame = requestAnimationFrame(call);
  });
  return () => cancelAnimationFrame(frame);
}
