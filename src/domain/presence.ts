import type { Presence } from "../protocol/user.ts";

/** One connected device: when it was last heard of, and what its user says of itself there. */
export interface DevicePresence {
  readonly heard_at: number;
  readonly status: "online" | "away" | "busy";
}

/** A connection that has been silent for longer than the heartbeat timeout is dead, whatever TCP believes (PRES-1). */
export function isStale(heard_at: number, now: number, timeout_ms: number): boolean {
  return now - heard_at > timeout_ms;
}

/** Online while one device is connected and heard of; busy if one says so; away only if all say so (PRES-1). */
export function statusOf(
  devices: readonly DevicePresence[],
  now: number,
  timeout_ms: number,
): Presence["status"] {
  const alive = devices.filter((device) => !isStale(device.heard_at, now, timeout_ms));
  if (alive.length === 0) return "offline";
  if (alive.some((device) => device.status === "busy")) return "busy";
  return alive.every((device) => device.status === "away") ? "away" : "online";
}

/** How far apart the checks for dead connections of one object may get, in heartbeat timeouts. */
const MAX_CHECK_INTERVALS = 8;

/**
 * When to look for dead connections next. The first look comes one timeout after a connection opened; while all prove
 * alive the looks get rarer, since each wakes the object: presence itself is computed when asked, never from a look.
 */
export function nextStaleCheck(now: number, newest_connected_at: number, timeout_ms: number): number {
  const age = Math.max(0, now - newest_connected_at);
  const interval = Math.min(Math.max(age, timeout_ms), MAX_CHECK_INTERVALS * timeout_ms);
  return now + interval + 1;
}
