import type { Platform } from "../protocol/session.ts";

/** A device that is kept among the known ones of its user. */
export interface KnownDevice {
  readonly device_id: string;
  readonly platform: Platform | null;
  /** When it was last used, as far as that has been written. */
  readonly used_at: number;
  /** The inbox's `sync_id` when it became known: of what came before, nothing is kept for it. */
  readonly known_since: number;
}

/** The time of a device's last use is this coarse: a device that comes back sooner costs no row. */
export const USED_AT_STEP_MS = 60 * 60 * 1000;

/** Is there anything to write down when a device is used? */
export function isUseNews(known: KnownDevice | undefined, platform: Platform | null, now: number): boolean {
  if (!known) return true;
  return (
    (platform !== null && platform !== known.platform) || Math.abs(now - known.used_at) >= USED_AT_STEP_MS
  );
}

/**
 * The devices that must be forgotten so that `max` are left: first those that are not connected, of these the one unused
 * for longest. The device that has just been used stays.
 */
export function devicesToForget(
  known: readonly KnownDevice[],
  { used, connected, max }: { used: string; connected: ReadonlySet<string>; max: number },
): string[] {
  const excess = Math.max(0, known.length - max);
  if (excess === 0) return [];
  return known
    .filter(({ device_id }) => device_id !== used)
    .sort(
      (left, right) =>
        Number(connected.has(left.device_id)) - Number(connected.has(right.device_id)) ||
        left.used_at - right.used_at ||
        (left.device_id < right.device_id ? -1 : 1),
    )
    .slice(0, excess)
    .map(({ device_id }) => device_id);
}
