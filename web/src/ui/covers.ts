import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";
import { Store } from "../data/store.ts";
import { useObservable } from "../data/use-observable.ts";

declare global {
  interface Window {
    /** Not in every browser, and not among the types yet. */
    readonly CloseWatcher?: new () => EventTarget & { destroy(): void };
  }
}

const count = new Store(0);

/**
 * Says that this lies over the page, so that nobody sees what is below, and that the system's own way back, where there is one, closes it
 * first; but for where the page has room beside it, as a media query says. Answers whether that is so.
 */
export function useCover(room: string, close: () => void): boolean {
  const isBeside = useMatches(room);
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    if (isBeside) return;
    const watcher = window.CloseWatcher && new window.CloseWatcher();
    watcher?.addEventListener("close", () => latest.current());
    count.set(count.getSnapshot() + 1);
    return () => {
      watcher?.destroy();
      count.set(count.getSnapshot() - 1);
    };
  }, [isBeside]);
  return isBeside;
}

/** Does something lie over the page? */
export function useIsCovered(): boolean {
  return useObservable(count) > 0;
}

function useMatches(query: string): boolean {
  // Once for all: what was opened first hears of a change first, and what lies on top is watched last, as when they were opened.
  const subscribe = useCallback(
    (listener: () => void) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}
