const KEY = "uim.signed_in";
const ENDING = "ending";
const OPEN = "open";

/**
 * What all windows of this browser know of the session in their one cookie, which no script can see. `open`: there may be one, of this
 * user (null: not known, as an earlier version wrote it); `ending`: its user has signed out, and the server has not been told yet.
 */
export type KeptSession =
  | { readonly phase: "none" }
  | { readonly phase: "open"; readonly user_id: string | null }
  | { readonly phase: "ending" };

export function keptSession(): KeptSession {
  const saved = localStorage.getItem(KEY);
  if (saved === null) return { phase: "none" };
  if (saved === ENDING) return { phase: "ending" };
  return { phase: "open", user_id: saved.startsWith(`${OPEN}:`) ? saved.slice(OPEN.length + 1) : null };
}

export function noteOpen(user_id: string): void {
  localStorage.setItem(KEY, `${OPEN}:${user_id}`);
}

export function noteEnding(): void {
  localStorage.setItem(KEY, ENDING);
}

export function noteNone(): void {
  localStorage.removeItem(KEY);
}

/** Is it this user's, as far as one can tell? */
export function isOpenFor(kept: KeptSession, user_id: string | null): boolean {
  return kept.phase === "open" && (kept.user_id === null || kept.user_id === user_id);
}

/** Calls back when another window has changed it, or may have while this one lay in the browser's cache. */
export function onKeptSessionChange(listener: () => void): void {
  addEventListener("storage", ({ key }) => {
    // Null: all of the storage was cleared.
    if (key === KEY || key === null) listener();
  });
  addEventListener("pageshow", ({ persisted }) => persisted && listener());
}
