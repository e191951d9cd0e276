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

/** How far apart the looks for dead connections of one object may get, in heartbeat timeouts. */
const MAX_LOOK_INTERVALS = 8;

/**
 * When to look for dead connections next: one timeout after the newest connection opened, then after twice the time, and
 * so on, since each look wakes the object, and presence itself is computed when asked. The times hang on the connection
 * alone, so that an object that wakes and sleeps in between does not put them off.
 */
export function nextStaleLook(now: number, newest_connected_at: number, timeout_ms: number): number {
  let interval = timeout_ms;
  let look = newest_connected_at + interval + 1;
  while (look <= now) {
    look += interval;
    interval = Math.min(interval * 2, MAX_LOOK_INTERVALS * timeout_ms);
  }
  return look;
}
