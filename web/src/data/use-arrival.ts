import { type RefObject, useEffect, useRef } from "react";

let current: HTMLElement | null = null;

/** Where the focus goes when a page of the app comes up, so that who does not see it knows, and goes on from there. */
export function useArrival<T extends HTMLElement>(isWanted = true): RefObject<T | null> {
  const place = useRef<T>(null);
  useEffect(() => {
    current = place.current;
    if (isWanted) goToArrival();
  }, [isWanted]);
  return place;
}

/** The same for whoever has lost their place on the page. */
export function goToArrival(): void {
  current?.focus({ preventScroll: true });
}
