import { MIN_COUNTED_MEMBERS } from "../protocol/counted-members.ts";
import { type Refusal, refusal } from "../protocol/errors.ts";
import type { Presence } from "../protocol/user.ts";

/** One connected device: when it was last heard of, and what its user says of itself there. */
export interface DevicePresence {
  readonly heard_at: number;
  /** When its user last did something there. */
  readonly active_at: number;
  readonly status: "online" | "away" | "busy";
}

/** A connection that has been silent for longer than the heartbeat timeout is dead, whatever TCP believes (PRES-1). */
export function isStale(heard_at: number, now: number, timeout_ms: number): boolean {
  return now - heard_at > timeout_ms;
}

/** A device that is not used for so long is idle (PRES-1). */
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

/** Why it is not told how many of so many members are online, or null (PRES-3). */
export function refuseOnlineCount(member_count: number): Refusal | null {
  if (member_count >= MIN_COUNTED_MEMBERS) return null;
  return refusal("forbidden", `How many are online is told among ${MIN_COUNTED_MEMBERS} members or more`);
}

/** A drop and return within this is not announced (PRES-2). */
export const RETURN_MS = 5_000;

/** What a user's friends have last been told. */
export interface Announced {
  readonly status: Presence["status"];
  readonly status_text: string;
}

/** How much of a user each status says is there. */
const RANK = { offline: 0, away: 1, busy: 2, online: 2 } as const satisfies Record<
  Presence["status"],
  number
>;

/**
 * What friends are to be told when the devices say `actual`. While a device that has just gone may still come back, they
 * are not told of less than before (PRES-2). `left_at`: when a device last went.
 */
export function shownStatus(
  actual: Presence["status"],
  announced: Presence["status"],
  left_at: number | null,
  now: number,
): Presence["status"] {
  const mayReturn = left_at !== null && now - left_at < RETURN_MS;
  return mayReturn && RANK[actual] < RANK[announced] ? announced : actual;
}

/** What a user's friends were told, and what the devices say. */
export interface PresenceState {
  readonly announced: Presence["status"];
  readonly devices: readonly DevicePresence[];
  readonly left_at: number | null;
}

/**
 * When there may be something to announce that no event brings; null if never. A change that is held back is due when
 * nobody came back; a drop that went unnoticed, as in a crash, counts from now. Whoever is online is away once the devices
 * have been idle for long enough, at the earliest then.
 */
export function announcementDueAt(
  { announced, devices, left_at }: PresenceState,
  now: number,
  timeout_ms: number,
): number | null {
  const actual = statusOf(devices, now, timeout_ms);
  if (actual !== announced) {
    const held_until = (left_at ?? 0) + RETURN_MS;
    return held_until > now ? held_until : now + RETURN_MS;
  }
  if (actual !== "online") return null;
  const mayBecomeIdle = ({ status, heard_at }: DevicePresence) =>
    status === "online" && !isStale(heard_at, now, timeout_ms);
  return Math.max(...devices.filter(mayBecomeIdle).map(({ active_at }) => active_at)) + IDLE_MS;
}

/**
 * Since when a device that connects counts as active. One that was idle and only changes its connection is not active for
 * that: its return would be announced (PRES-2). `isBack`: it is connected still, or went less than `RETURN_MS` ago.
 */
export function activeSince(announced: Presence["status"], isBack: boolean, now: number): number {
  return announced === "away" && isBack ? now - IDLE_MS : now;
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
