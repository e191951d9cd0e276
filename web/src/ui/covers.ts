import { useEffect, useSyncExternalStore } from "react";
import { Store } from "../data/store.ts";
import { useObservable } from "../data/use-observable.ts";

const count = new Store(0);

/**
 * Says that this lies over the page, so that nobody sees what is below; but for where the page has room beside it, as a media query
 * says. Answers whether that is so.
 */
export function useCover(room: string): boolean {
  const isBeside = useMatches(room);
  useEffect(() => {
    if (isBeside) return;
    count.set(count.getSnapshot() + 1);
    return () => count.set(count.getSnapshot() - 1);
  }, [isBeside]);
  return isBeside;
}

/** Does something lie over the page? */
export function useIsCovered(): boolean {
  return useObservable(count) > 0;
}

function useMatches(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
  );
}
