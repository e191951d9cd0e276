import { type RefObject, useEffect, useRef } from "react";
import { isComposing } from "../ui/input-method.ts";

/** Lets the arrow keys go from a search field to what it has found, from one to the next, and back. */
export function useStepping<T extends HTMLElement>(): RefObject<T | null> {
  const place = useRef<T>(null);
  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const press = (event: KeyboardEvent) => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by === undefined || event.altKey || isComposing(event)) return;
      const stops = [...current.querySelectorAll<HTMLElement>("input, [data-hit]")];
      const at = stops.findIndex((stop) => stop.matches(":focus"));
      const next = at < 0 ? undefined : stops[at + by];
      if (!next) return;
      event.preventDefault();
      next.focus();
    };
    current.addEventListener("keydown", press);
    return () => current.removeEventListener("keydown", press);
  }, []);
  return place;
}
