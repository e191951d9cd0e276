import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLater } from "../data/people.ts";
import { useSignedIn } from "../shell/context.tsx";

const PAUSE_MS = 250;
const PAGE = 20;
const FRESH_MS = 30_000;

/** Looks for messages, in one conversation or in all, as soon as somebody pauses in writing what for. */
export function useMessageSearch(typed: string, conversation_id: string | null) {
  const { client } = useSignedIn();
  const [wanted, setWanted] = useState("");
  useLater(typed.trim(), PAUSE_MS, setWanted);
  // Nothing else is searched (docs/protocol.md, Search).
  const isSearchable = /[\p{L}\p{N}]/u.test(wanted);
  const query = useInfiniteQuery({
    queryKey: ["search", conversation_id, wanted],
    queryFn: ({ pageParam }) => {
      const request = { q: wanted, cursor: pageParam, limit: PAGE };
      return conversation_id === null
        ? client.api.searchEverywhere(request)
        : client.api.searchMessages(conversation_id, request);
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    enabled: isSearchable,
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
  });
  const pages = isSearchable ? (query.data?.pages ?? []) : [];
  return {
    ...query,
    wanted,
    isSearchable,
    /** Something else was written since; what is shown was found for that before. */
    isWaiting: typed.trim() !== wanted || query.isPlaceholderData,
    hits: pages.flatMap(({ items }) => items),
    pageCount: pages.length,
  };
}
