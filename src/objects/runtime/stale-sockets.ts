import { isStale, nextStaleLook } from "../../domain/presence.ts";
import { CLOSE } from "../../protocol/close-codes.ts";
import type { SocketSession, SocketSet } from "./sockets.ts";

/** A connection that was given up, and when it was last heard of. */
export interface StaleSocket<T> {
  readonly session: T;
  readonly heard_at: number;
}

/** Closes what has been silent for too long (4001). */
export function closeStaleSockets<T extends SocketSession>(
  sockets: SocketSet<T>,
  now: number,
  timeout_ms: number,
): StaleSocket<T>[] {
  const closed: StaleSocket<T>[] = [];
  for (const [socket, session] of sockets.entries()) {
    const heard_at = sockets.heardAt(socket);
    if (!isStale(heard_at, now, timeout_ms)) continue;
    sockets.close(socket, CLOSE.heartbeat_timeout, "no heartbeat");
    closed.push({ session, heard_at });
  }
  return closed;
}

/** When the object's alarm has to look for silent sockets; null while none is open. */
export function staleLookDueAt<T extends SocketSession>(
  sockets: SocketSet<T>,
  now: number,
  timeout_ms: number,
): number | null {
  let newest: number | null = null;
  for (const [, { connected_at }] of sockets.entries()) newest = Math.max(newest ?? 0, connected_at);
  return newest === null ? null : nextStaleLook(now, newest, timeout_ms);
}
