import { type Backlog, isTooSlow, NO_BACKLOG, noteBacklog } from "../../domain/slow-reader.ts";
import { log } from "../../observability/log.ts";
import { CLOSE } from "../../protocol/close-codes.ts";
import { bufferedBytes } from "./buffered.ts";
import { closeQuietly } from "./sockets.ts";

/** Only sockets that are behind. In memory alone: while something is unsent the platform keeps the object awake. */
const backlogs = new WeakMap<WebSocket, Backlog>();

/**
 * Closes a socket whose client does not read (4002), and answers whether it did. To be asked before each send: workerd
 * (2026-11-17) tells in `bufferedAmount` what it holds for a socket, and holds it in memory without any bound.
 */
export function cutIfTooSlow(socket: WebSocket, now: number): boolean {
  const backlog = noteBacklog(backlogs.get(socket) ?? NO_BACKLOG, bufferedBytes(socket), now);
  if (backlog === NO_BACKLOG) {
    backlogs.delete(socket);
    return false;
  }
  backlogs.set(socket, backlog);
  if (socket.readyState !== WebSocket.OPEN || !isTooSlow(backlog, now)) return false;
  log("warn", "a slow reader was cut", { buffered_bytes: bufferedBytes(socket) });
  // The Close frame waits behind what is unsent: the client sees it when it reads on, and then comes back.
  closeQuietly(socket, CLOSE.slow_reader, "too slow a reader; reconnect");
  return true;
}

const ROOM_POLL_MS = 50;

/** Resolves when a socket can take more: for who has much to send, and can wait. Also when it has closed, or was cut. */
export async function roomIn(socket: WebSocket): Promise<void> {
  while (socket.readyState === WebSocket.OPEN && hasBacklog(socket)) {
    await new Promise((resolve) => setTimeout(resolve, ROOM_POLL_MS));
  }
}

function hasBacklog(socket: WebSocket): boolean {
  return !cutIfTooSlow(socket, Date.now()) && backlogs.has(socket);
}
