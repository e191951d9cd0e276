import { type RefObject, useEffect, useRef } from "react";
import { Store } from "./store.ts";
import { useObservable } from "./use-observable.ts";

let current: HTMLElement | null = null;
const returns = new Store(0);

/** Calls when a page of the app comes up, and when somebody goes to the page that is there already. */
export function useOnArrival(arrive: () => void): void {
  const count = useObservable(returns);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each arrival.
  useEffect(arrive, [count]);
}

/** Somebody goes to the page that is there already. */
export function arriveAgain(): void {
  returns.set(returns.getSnapshot() + 1);
}

/** Where the focus goes then, so that who does not see it knows, and goes on from there. */
export function useArrival<T extends HTMLElement>(isWanted = true): RefObject<T | null> {
  const place = useRef<T>(null);
  useOnArrival(() => {
    current = place.current;
    if (isWanted) goToArrival();
  });
  return place;
}

/** The same for whoever has lost their place on the page. */
export function goToArrival(): void {
  current?.focus({ preventScroll: true });
}
