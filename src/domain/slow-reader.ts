/** A connection with more than this unsent is behind: what a healthy one has under way is far less. */
const BEHIND_BYTES = 1024 * 1024;
/** How long it may be behind without once catching up. */
const BEHIND_MS = 30_000;

/** With more than this it is far behind. An object has 128 MB for everything, and a group has many connections. */
const FAR_BEHIND_BYTES = 8 * 1024 * 1024;
/** Long enough for a burst to leave, if the other side reads at all. */
const FAR_BEHIND_MS = 1_000;

/** Since when a connection has not taken what is sent to it (Unix ms); null where it keeps up. */
export interface Backlog {
  readonly behind_since: number | null;
  readonly far_behind_since: number | null;
}

export const NO_BACKLOG: Backlog = { behind_since: null, far_behind_since: null };

/** What the next look at a connection makes of it: `buffered_bytes` were sent and have not left. */
export function noteBacklog(before: Backlog, buffered_bytes: number, now: number): Backlog {
  if (buffered_bytes <= BEHIND_BYTES) return NO_BACKLOG;
  return {
    behind_since: before.behind_since ?? now,
    far_behind_since: buffered_bytes > FAR_BEHIND_BYTES ? (before.far_behind_since ?? now) : null,
  };
}

/** True if the connection is to be cut: it loses nothing, since its device is pushed what it has not acked (DLV-1). */
export function isTooSlow({ behind_since, far_behind_since }: Backlog, now: number): boolean {
  return (
    (behind_since !== null && now - behind_since >= BEHIND_MS) ||
    (far_behind_since !== null && now - far_behind_since >= FAR_BEHIND_MS)
  );
}
