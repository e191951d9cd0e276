import { type DevicePresence, statusOf } from "../../domain/presence.ts";
import type { Limits } from "../../protocol/limits.ts";
import type { Presence } from "../../protocol/user.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import type { DeviceSocket } from "./attachment.ts";
import type { UserStore } from "./store.ts";

export interface PresenceContext {
  readonly user_id: string;
  readonly store: UserStore;
  readonly sockets: SocketSet<DeviceSocket>;
  readonly limits: Pick<Limits, "heartbeat_timeout_ms">;
}

export function connectedDevices(sockets: SocketSet<DeviceSocket>): DevicePresence[] {
  return [...sockets.entries()].map(([socket, { status, active_at }]) => ({
    heard_at: sockets.heardAt(socket),
    active_at,
    status,
  }));
}

/** A user's presence as it is: computed when asked, from the sockets and their heartbeats (PRES-1). */
export function presenceNow({ user_id, store, sockets, limits }: PresenceContext, now: number): Presence {
  const devices = connectedDevices(sockets);
  const { status_text, last_seen_at } = store.user();
  const status = statusOf(devices, now, limits.heartbeat_timeout_ms);
  const heard_at = Math.max(last_seen_at ?? 0, ...devices.map((device) => device.heard_at));
  return { user_id, status, last_seen_at: heard_at > 0 ? heard_at : null, status_text };
}
