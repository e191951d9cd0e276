import { useEffect, useState } from "react";
import type { Conversation, InboxRow } from "../../../sdk/index.ts";

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

/** Tells what has been read: what was on screen while somebody looked. Of a request nothing is told before it is accepted. */
export function useReading({
  conversation,
  row,
  isAtEnd,
  lastSeq,
}: {
  conversation: Conversation;
  row: InboxRow | null;
  isAtEnd: boolean;
  lastSeq: number;
}): void {
  const isLooking = useIsLooking();
  const isUnread = (row?.unread_count ?? 0) > 0;
  const isRequest = row?.is_request === true;
  const head_seq = row?.head_seq ?? 0;
  const seq = isAtEnd ? head_seq : lastSeq;
  useEffect(() => {
    if (isLooking && isUnread && !isRequest) conversation.markRead(seq);
  }, [conversation, isLooking, isUnread, isRequest, seq]);
  // Who opens what was set aside to come back to has come back.
  useEffect(() => {
    if (conversation.getSnapshot().row?.marked_unread) conversation.markRead();
  }, [conversation]);
}
