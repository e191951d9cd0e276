import { useEffect, useState } from "react";
import { type Conversation, type ConversationSnapshot, UimError } from "../../../sdk/index.ts";
import { useConversation } from "../data/use-conversation.ts";
import { firstUnread } from "./timeline.ts";

export type Opening =
  | { readonly phase: "loading" }
  /** `first_unread_seq`: where the unread messages began when it was opened. */
  | { readonly phase: "ready"; readonly first_unread_seq: number | null }
  | { readonly phase: "not_found" }
  | { readonly phase: "failed"; readonly error: unknown };

/** So many pages are loaded at once to reach the first unread message; who has missed more pages back. */
const MAX_PAGES = 6;
/** Whoever has messages already is not kept waiting for longer. */
const PATIENCE_MS = 1_500;

/** Opens a conversation for as long as it is on screen. */
export function useOpenConversation(conversation_id: string) {
  const { conversation, snapshot } = useConversation(conversation_id);
  const [opening, setOpening] = useState<Opening>({ phase: "loading" });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` opens it anew.
  useEffect(() => {
    let isCurrent = true;
    const read_seq = conversation.getSnapshot().row?.read_seq ?? null;
    const become = (next: Opening) => {
      if (isCurrent) setOpening((before) => (before.phase === "ready" ? before : next));
    };
    const ready = () => {
      const snapshot = conversation.getSnapshot();
      const isUnread = (snapshot.row?.unread_count ?? 0) > 0;
      const from = read_seq ?? snapshot.row?.read_seq ?? 0;
      become({ phase: "ready", first_unread_seq: isUnread ? firstUnread(snapshot, from) : null });
    };
    const timer = setTimeout(() => {
      if (conversation.getSnapshot().messages.length > 0) ready();
    }, PATIENCE_MS);
    openToUnread(conversation, () => isCurrent)
      .then(ready, (error) => become(failureOf(error)))
      .finally(() => clearTimeout(timer));
    return () => {
      isCurrent = false;
      clearTimeout(timer);
      conversation.close();
      setOpening({ phase: "loading" });
    };
  }, [conversation, attempt]);
  return { conversation, snapshot, opening, again: () => setAttempt(attempt + 1) };
}

/** Opens it, and loads it back to the first unread message. */
export async function openToUnread(
  conversation: Pick<Conversation, "open" | "loadEarlier" | "getSnapshot">,
  isWanted: () => boolean,
): Promise<void> {
  await conversation.open();
  // Whoever left it has closed it, and may have come back since: it is not to be closed again.
  if (!isWanted()) return;
  for (let page = 0; page < MAX_PAGES && isUnreadMissing(conversation.getSnapshot()); page++) {
    await conversation.loadEarlier();
    if (!isWanted()) return;
  }
}

function isUnreadMissing({ row, messages, hasEarlier }: ConversationSnapshot): boolean {
  const first = messages[0]?.seq;
  // The first of those that are loaded waits for the one before it.
  return hasEarlier && row !== null && row.unread_count > 0 && (first ?? row.head_seq + 1) > row.read_seq;
}

function failureOf(error: unknown): Opening {
  const isGone = error instanceof UimError && error.code === "conversation_not_found";
  return isGone ? { phase: "not_found" } : { phase: "failed", error };
}
