import { isStale, nextStaleCheck } from "../../domain/presence.ts";
import { CLOSE } from "../../protocol/close-codes.ts";
import type { SocketSession, SocketSet } from "./sockets.ts";

/** Closes what has been silent for too long (4001), and answers the sessions that ended so. */
export function closeStaleSockets<T extends SocketSession>(
  sockets: SocketSet<T>,
  now: number,
  timeout_ms: number,
): T[] {
  const closed: T[] = [];
  for (const [socket, session] of sockets.entries()) {
    if (!isStale(sockets.heardAt(socket), now, timeout_ms)) continue;
    sockets.close(socket, CLOSE.heartbeat_timeout, "no heartbeat");
    closed.push(session);
  }
  return closed;
}

/**
 * When to look for silent sockets, for an object's alarm. The look stands once it is set: a new socket brings it forward,
 * a busy one does not put it off.
 */
export class StaleCheck {
  readonly #timeout_ms: number;
  #due_at: number | null = null;

  constructor(timeout_ms: number) {
    this.#timeout_ms = timeout_ms;
  }

  /** A socket was opened: it has to prove alive within one timeout. */
  opened(now: number): void {
    const first = now + this.#timeout_ms + 1;
    this.#due_at = this.#due_at === null ? first : Math.min(this.#due_at, first);
  }

  /** A look took place, or the object has just woken: the next one, if a socket is open. */
  replan<T extends SocketSession>(sockets: SocketSet<T>, now: number): void {
    let newest: number | null = null;
    for (const [, session] of sockets.entries()) newest = Math.max(newest ?? 0, session.connected_at);
    this.#due_at = newest === null ? null : nextStaleCheck(now, newest, this.#timeout_ms);
  }

  dueAt(): number | null {
    return this.#due_at;
  }
}
