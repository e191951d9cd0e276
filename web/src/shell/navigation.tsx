import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from "react";
import { parsePath, type Route } from "./routes.ts";

const listeners = new Set<() => void>();
let path = location.pathname;
let route = parsePath(path);

addEventListener("popstate", () => update());

function update(): void {
  if (location.pathname === path) return;
  path = location.pathname;
  route = parsePath(path);
  for (const listener of [...listeners]) listener();
}

export function navigate(to: string, options: { readonly replace?: boolean } = {}): void {
  if (to === location.pathname) return;
  if (options.replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  update();
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => route);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A link within the app: a click stays on the page, everything else is the browser's. */
export function Link({ href, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
      return;
    event.preventDefault();
    navigate(href);
  };
  return <a href={href} onClick={follow} {...rest} />;
}
