import type { Presence } from "../protocol/user.ts";

/** One connected device: when it was last heard of, and what its user says of itself there. */
export interface DevicePresence {
  readonly heard_at: number;
  /** When it last sent more than a heartbeat. */
  readonly active_at: number;
  readonly status: "online" | "away" | "busy";
}

/** A connection that has been silent for longer than the heartbeat timeout is dead, whatever TCP believes (PRES-1). */
export function isStale(heard_at: number, now: number, timeout_ms: number): boolean {
  return now - heard_at > timeout_ms;
}

/** A device that sends nothing but heartbeats for so long is idle (PRES-1). */
const IDLE_MS = 5 * 60_000;

/** Online while one device is connected and heard of; busy if one says so; away only if all are idle or say so (PRES-1). */
export function statusOf(
  devices: readonly DevicePresence[],
  now: number,
  timeout_ms: number,
): Presence["status"] {
  const alive = devices.filter((device) => !isStale(device.heard_at, now, timeout_ms));
  if (alive.length === 0) return "offline";
  if (alive.some((device) => device.status === "busy")) return "busy";
  const isAway = ({ status, active_at }: DevicePresence) => status === "away" || now - active_at >= IDLE_MS;
  return alive.every(isAway) ? "away" : "online";
}

/** How far apart the looks for dead connections of one object may get, in heartbeat timeouts. */
const MAX_LOOK_INTERVALS = 2;

/**
 * When to look for dead connections next: one timeout after a connection opened, and then ever less often, up to every
 * other timeout, since each look wakes the object, and presence itself is computed when asked. The times hang on the
 * connection alone, so that an object that wakes and sleeps in between does not put them off.
 */
export function nextStaleLook(now: number, connected_at: number, timeout_ms: number): number {
  let interval = timeout_ms;
  let look = connected_at + interval + 1;
  while (look <= now) {
    look += interval;
    interval = Math.min(interval * 2, MAX_LOOK_INTERVALS * timeout_ms);
  }
  return look;
}
