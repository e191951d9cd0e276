import { type RefObject, useEffect, useRef } from "react";

/** Where the focus goes when a page of the app comes up, so that who does not see it knows, and goes on from there. */
export function useArrival<T extends HTMLElement>(isWanted = true): RefObject<T | null> {
  const place = useRef<T>(null);
  useEffect(() => {
    if (isWanted) place.current?.focus({ preventScroll: true });
  }, [isWanted]);
  return place;
}
