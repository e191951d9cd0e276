import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from "react";
import { arriveAgain } from "../data/use-arrival.ts";
import { parsePath, type Route } from "./routes.ts";

const listeners = new Set<() => void>();
let path = location.pathname;
let route = parsePath(path);

/** The browser has been asked to go back, and has not yet. */
let isGoingBack = false;

addEventListener("popstate", () => {
  isGoingBack = false;
  update();
});

function update(): void {
  if (location.pathname === path) return;
  path = location.pathname;
  route = parsePath(path);
  for (const listener of [...listeners]) listener();
}

export function navigate(to: string, options: { readonly replace?: boolean } = {}): void {
  if (to === location.pathname) {
    arriveAgain();
    return;
  }
  // What takes the place of a page was come to from the same one.
  if (options.replace) history.replaceState(history.state, "", to);
  else history.pushState({ from: location.pathname }, "", to);
  update();
}

/**
 * Back to where one came from; to the list if that was not in this app. A way there and back leaves the history as long as it was:
 * who goes back from the list leaves the app.
 */
export function goBack(): void {
  if (cameFrom() === null) navigate("/", { replace: true });
  else stepBack();
}

/** To the list, however one came here. */
export function goToList(): void {
  if (cameFrom() === "/") stepBack();
  else navigate("/");
}

/** Once, however often it is asked for before it is done: the next step would lead out of the app. */
function stepBack(): void {
  if (isGoingBack) return;
  isGoingBack = true;
  history.back();
}

/** The page of this app from which one came to this one, as the history keeps it; null if one came from elsewhere. */
function cameFrom(): string | null {
  const { state }: { state: unknown } = history;
  const isOurs = typeof state === "object" && state !== null && "from" in state;
  return isOurs && typeof state.from === "string" ? state.from : null;
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => route);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A link within the app: a click stays on the page, everything else is the browser's. */
export function Link({
  href,
  follow = () => navigate(href),
  ...rest
}: Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "onClick"> & { href: string; follow?: () => void }) {
  const click = (event: MouseEvent<HTMLAnchorElement>) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    follow();
  };
  return <a href={href} onClick={click} {...rest} />;
}
