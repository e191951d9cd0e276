import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import type { ConversationSnapshot, User } from "../../../sdk/index.ts";
import { learnUsers, useLater, useUsers } from "../data/people.ts";
import { useSignedIn } from "../shell/context.tsx";
import { candidatesFor, type MentionQuery, mentionQueryAt, recentSenders } from "./mention-query.ts";

const NOBODY: readonly string[] = [];
const MAX_SUGGESTED = 6;
/** So few are all known by name; of more the server is asked. */
const FEW_MEMBERS = 20;
const PAUSE_MS = 150;
const FRESH_MS = 60_000;

/** The members whom a name that is being written may mean, and the keys to choose among them. */
export function useMentions(snapshot: ConversationSnapshot, content: string, caret: number) {
  const id = useId();
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const [, setLooks] = useState(0);
  const isGroup = snapshot.details?.type === "group";
  const query = isGroup ? mentionQueryAt(content, Math.min(caret, content.length)) : null;
  const others = useCandidates(snapshot, query);
  const isDismissed = query !== null && dismissed === content;
  const shown = query && !isDismissed ? candidatesFor(query.typed, others, MAX_SUGGESTED) : [];
  const bounded = Math.min(active, Math.max(0, shown.length - 1));
  const keyAction = (event: KeyboardEvent, complete: (user: User) => void): (() => void) | null => {
    const chosen = shown[bounded];
    if (!chosen) return null;
    if (event.key === "ArrowDown") return () => setActive((bounded + 1) % shown.length);
    if (event.key === "ArrowUp") return () => setActive((bounded + shown.length - 1) % shown.length);
    if (event.key === "Escape") return () => setDismissed(content);
    return event.key === "Enter" || event.key === "Tab" ? () => complete(chosen) : null;
  };
  return { id, query, shown, active: bounded, keyAction, look: () => setLooks((count) => count + 1) };
}

/** All members of a small group; of a large one those who spoke last, and whom the server finds. */
function useCandidates(snapshot: ConversationSnapshot, query: MentionQuery | null): readonly User[] {
  const { client, user_id } = useSignedIn();
  const queries = useQueryClient();
  const [wanted, setWanted] = useState("");
  useLater(query?.typed ?? "", PAUSE_MS, setWanted);
  const { conversation_id, members, messages } = snapshot;
  const isSmall = members.length > 0 && members.length <= FEW_MEMBERS;
  const near = isSmall ? members : recentSenders(messages, MAX_SUGGESTED);
  const known = useUsers(query ? near : NOBODY);
  const { data } = useQuery({
    queryKey: ["mentions", conversation_id, wanted],
    queryFn: async () => {
      const { items } = await client.api.findMembers(conversation_id, wanted, { limit: 2 * MAX_SUGGESTED });
      return items;
    },
    enabled: query !== null && !isSmall && wanted !== "",
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
  });
  useEffect(() => {
    if (data) learnUsers(queries, data);
  }, [data, queries]);
  const found = [...known, ...(isSmall ? [] : (data ?? []))];
  const byId = new Map(found.map((user) => [user.user_id, user]));
  byId.delete(user_id);
  return [...byId.values()];
}
