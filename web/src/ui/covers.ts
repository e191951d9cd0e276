import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Store } from "../data/store.ts";
import { useObservable } from "../data/use-observable.ts";

/** What is used of a close watcher, by this page and by its tests. Source: https://html.spec.whatwg.org/multipage/interaction.html#closewatcher */
export interface CloseWatcherLike extends EventTarget {
  destroy(): void;
  requestClose(): void;
}

declare global {
  interface Window {
    /** Not in every browser, and not among the types yet. */
    readonly CloseWatcher?: new () => CloseWatcherLike;
  }
}

interface Cover {
  readonly order: number;
  readonly close: () => void;
  watcher: CloseWatcherLike | undefined;
}

/** What lies over the page, as it was opened. */
const covers: Cover[] = [];
const count = new Store(0);
let opened = 0;

/**
 * Says that this lies over the page, so that nobody sees what is below, and that the system's own way back, where there is one, closes it
 * first; but for where the page has room beside it, as a media query says. Answers whether that is so.
 */
export function useCover(room: string, close: () => void): boolean {
  const isBeside = useMatches(room);
  const latest = useRef(close);
  latest.current = close;
  const [order] = useState(() => ++opened);
  useEffect(() => (isBeside ? undefined : lay(order, () => latest.current())), [isBeside, order]);
  return isBeside;
}

/** Until the returned function is called. `order`: the how-manieth it is that was opened. */
export function lay(order: number, close: () => void): () => void {
  const cover: Cover = { order, close, watcher: undefined };
  const place = covers.filter((other) => other.order < order).length;
  covers.splice(place, 0, cover);
  // The system closes what is watched last. When a phone is turned, what lies on top may come to be laid before what is below.
  for (const other of covers.slice(place)) watch(other);
  count.set(covers.length);
  return () => {
    cover.watcher?.destroy();
    covers.splice(covers.indexOf(cover), 1);
    count.set(covers.length);
  };
}

function watch(cover: Cover): void {
  cover.watcher?.destroy();
  cover.watcher = window.CloseWatcher && new window.CloseWatcher();
  cover.watcher?.addEventListener("close", cover.close);
}

/** Does something lie over the page? */
export function useIsCovered(): boolean {
  return useObservable(count) > 0;
}

function useMatches(query: string): boolean {
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
