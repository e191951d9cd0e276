import { SearchX } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import type { SearchHit } from "../../../sdk/index.ts";
import { useText } from "../text/text.tsx";
import { Empty, Failed, Loading } from "../ui/states.tsx";
import type { useMessageSearch } from "./use-message-search.ts";

/** What a search for messages has found, page by page. */
export function MessageHits({
  search,
  children,
}: {
  search: ReturnType<typeof useMessageSearch>;
  children: (hit: SearchHit) => ReactNode;
}) {
  const text = useText();
  const { hits, error, isSearchable, isWaiting, isFetching, hasNextPage, pageCount, wanted } = search;
  if (error && hits.length === 0) return <Failed error={error} onRetry={() => void search.refetch()} />;
  const isSearching = isWaiting || isFetching || hasNextPage;
  if (hits.length === 0 && !isSearching && isSearchable) {
    return <Empty icon={SearchX} title={text.nothingFound} hint={text.nothingFoundHint(wanted)} />;
  }
  return (
    <>
      {hits.length > 0 && (
        <ul aria-label={text.foundMessages} className="flex flex-col gap-0.5">
          {hits.map((hit) => (
            <li key={hit.message.message_id}>{children(hit)}</li>
          ))}
        </ul>
      )}
      {error && hits.length > 0 && <Failed error={error} onRetry={() => void search.fetchNextPage()} />}
      {isSearchable && isSearching && !error && <Loading />}
      {hasNextPage && !isFetching && !error && (
        <WhenSeen key={pageCount} onSeen={() => void search.fetchNextPage()} />
      )}
    </>
  );
}

/** Calls back once it has come on screen. */
function WhenSeen({ onSeen }: { onSeen: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(onSeen);
  latest.current = onSeen;
  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      latest.current();
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return <div ref={place} className="h-px" />;
}
