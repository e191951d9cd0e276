const KEY = "uim.signed_in";

/**
 * What is known of the session in the cookie, which no script can see. `open`: there may be one; `ending`: its user has signed out,
 * and the server has not been told yet.
 */
export type KeptSession = "none" | "open" | "ending";

export function keptSession(): KeptSession {
  const saved = localStorage.getItem(KEY);
  if (saved === null) return "none";
  return saved === "ending" ? "ending" : "open";
}

export function noteSession(kept: KeptSession): void {
  if (kept === "none") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, kept);
}
