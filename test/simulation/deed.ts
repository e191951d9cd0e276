import type { GroupCommand } from "../../src/objects/conversation/commands.ts";
import type { Device } from "./client/device.ts";
import type { Ledger } from "./client/ledger.ts";
import type { Asked } from "./client/wishes.ts";
import type { Scheduler } from "./platform/scheduler.ts";
import type { Random } from "./random.ts";
import { isRefusal } from "./worker.ts";
import type { Chat, Person } from "./world.ts";

/** What people react with. */
export const EMOJI = ["👍", "🎉", "😀"] as const;

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

/** Asks for what was wished, and notes what came of it. */
export async function fulfil(asked: Asked, scheduler: Scheduler, ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
    asked.granted(scheduler.now);
  } catch (error) {
    if (isRefusal(error)) asked.refused();
    throw error;
  }
}

export function changeGroup(
  device: Device,
  conversation_id: string,
  command: GroupCommand,
  ledger: Ledger,
): void {
  device.change(conversation_id, async (worker) => {
    const { head_seq } = await worker.changeGroup(device.identity, conversation_id, command);
    ledger.groupChanges.push({ conversation_id, command, head_seq });
  });
}
