import type { Refusal } from "../../protocol/errors.ts";
import { bufferedBytes } from "./buffered.ts";
import { limited } from "./rate-buckets.ts";

/** What a user may leave unread on closed sockets: more than a device does whose network is gone. An object has 128 MB. */
const MAX_BYTES = 32 * 1024 * 1024;
const RETRY_MS = 30_000;

/** So long it counts what a client left that closed its socket itself: nothing tells how long its connection stands. */
const REMEMBERED_MS = 10 * 60_000;

interface Leaving {
  readonly bytes: number;
  readonly until: number;
}

/** By user, of all objects in this process, since it is one memory; to be forgotten with it. The newest last. */
const leavings = new Map<string, Leaving[]>();

/** A client has closed its socket: workerd (2026-11-17) holds what it did not read, and lists the socket no more. */
export function noteLeft(user_id: string, socket: WebSocket, now: number): void {
  const bytes = bufferedBytes(socket);
  if (bytes === 0) return;
  const left = [...leftBy(user_id, now), { bytes, until: now + REMEMBERED_MS }];
  leavings.delete(user_id);
  leavings.set(user_id, left);
  forgetOld(now);
}

/**
 * Why a user may open no socket now, or null. What it has not read on one that was closed, workerd (2026-11-17) holds until its
 * connection ends: whoever reads nothing and connects again and again would fill the memory. `sockets`: the user's, as the
 * platform lists them.
 */
export function refuseForUnread(user_id: string, sockets: readonly WebSocket[], now: number): Refusal | null {
  let bytes = leftBy(user_id, now).reduce((sum, leaving) => sum + leaving.bytes, 0);
  for (const socket of sockets) if (socket.readyState !== WebSocket.OPEN) bytes += bufferedBytes(socket);
  return limited(bytes > MAX_BYTES ? RETRY_MS : 0);
}

/** Who has left nothing for so long. */
function forgetOld(now: number): void {
  for (const user_id of leavings.keys()) if (leftBy(user_id, now).length > 0) return;
}

function leftBy(user_id: string, now: number): Leaving[] {
  const left = (leavings.get(user_id) ?? []).filter(({ until }) => until > now);
  if (left.length === 0) leavings.delete(user_id);
  return left;
}
