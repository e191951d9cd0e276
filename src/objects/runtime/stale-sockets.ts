import { isStale, nextStaleLook } from "../../domain/presence.ts";
import { CLOSE } from "../../protocol/close-codes.ts";
import type { Limits } from "../../protocol/limits.ts";
import { earliest } from "./alarm-clock.ts";
import { cutIfTooSlow } from "./slow-reader.ts";
import type { SocketSession } from "./socket-session.ts";
import type { SocketSet } from "./sockets.ts";

/** A connection that was given up, and when it was last heard of. */
export interface StaleSocket<T> {
  readonly session: T;
  readonly heard_at: number;
}

type SocketLimits = Pick<Limits, "heartbeat_timeout_ms" | "socket_lifetime_ms">;

/**
 * Closes what has been silent for too long (4001), what was opened so long ago that its client has to prove itself again
 * (4010: a stolen token must not be good for ever), and what does not read (4002).
 */
export function closeStaleSockets<T extends SocketSession>(
  sockets: SocketSet<T>,
  now: number,
  limits: SocketLimits,
): StaleSocket<T>[] {
  const closed: StaleSocket<T>[] = [];
  for (const [socket, session] of sockets.entries()) {
    const heard_at = sockets.heardAt(socket);
    if (isStale(heard_at, now, limits.heartbeat_timeout_ms)) {
      sockets.close(socket, CLOSE.heartbeat_timeout, "no heartbeat");
    } else if (now - session.connected_at > limits.socket_lifetime_ms) {
      sockets.close(socket, CLOSE.token_expired, "refresh the token and reconnect");
    } else if (!cutIfTooSlow(socket, now)) continue;
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
  let due_at: number | null = null;
  for (const [, { connected_at }] of sockets.entries()) {
    due_at = earliest(due_at, nextStaleLook(now, connected_at, timeout_ms));
  }
  return due_at;
}
