import type { Device } from "./client/device.ts";
import type { Random } from "./random.ts";
import type { Chat, Person } from "./world.ts";

/** Something that somebody may do, and how often against the others. */
export type Deed = readonly [weight: number, deed: () => void];

/** Mostly by somebody who may. */
export function mostlyTheFounders({ people }: Chat, someone: Device, random: Random): Device {
  const [founder] = people;
  const [boss = someone] = founder?.devices.filter(({ isKnown }) => isKnown) ?? [];
  return random.chance(0.6) ? boss : someone;
}

export function joiningOf({ user_id, username }: Person) {
  return { user_id, username };
}
