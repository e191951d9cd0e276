import { setTimeout as sleep } from "node:timers/promises";
import { between } from "./chance.ts";
import { SoakConversation } from "./conversation.ts";
import { Device } from "./device.ts";
import {
  awaySeconds,
  CIRCLES,
  type Circle,
  hasSecondDevice,
  isTraveller,
  readingOf,
  type Seeded,
  STAY_SECONDS,
} from "./plan.ts";
import type { World } from "./world.ts";

const TICK_MS = 50;
const CONNECT_PARALLEL = 10;

/** Of those who go, so many say so. */
const CLOSE_CHANCE = 0.6;

/** The conversations of one circle. */
export interface LivelyCircle {
  readonly circle: Circle;
  readonly conversations: readonly SoakConversation[];
}

/** Everybody: the devices, the conversations they are in, and their comings and goings. */
export class Crowd {
  readonly devices: readonly Device[];
  readonly circles: readonly LivelyCircle[];
  readonly #world: World;
  readonly #travellers: readonly Device[];
  readonly #stopped = new AbortController();
  readonly #journeys: Promise<void>[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(world: World, { users, conversation_ids }: Seeded) {
    this.#world = world;
    const places = users.flatMap((user, index) =>
      (hasSecondDevice(index) ? [0, 1] : [0]).map((number) => ({ user, index, number })),
    );
    const made = places.map(({ user, index, number }) => {
      const device_id = number === 0 ? user.device_id : `second-${index}`;
      const device = new Device(world, { user, device_id, reading: readingOf(index, number) });
      return { device, index, number };
    });
    this.devices = made.map(({ device }) => device);
    this.#travellers = made.flatMap(({ device, index, number }) =>
      isTraveller(index, number) ? [device] : [],
    );
    this.circles = CIRCLES.map((circle, at) => ({
      circle,
      conversations: circle.members.map((members, which) => {
        const user_ids = members.map((place) => users[place]?.user_id ?? "");
        const id = conversation_ids[at]?.[which] ?? "";
        const conversation = new SoakConversation(id, user_ids, world.lanes);
        for (const { device, index, number } of made) {
          const member = members.indexOf(index);
          if (member === -1) continue;
          device.join(conversation, which < circle.on_screen && member < 2 && number === 0);
        }
        return conversation;
      }),
    }));
  }

  get conversations(): SoakConversation[] {
    return this.circles.flatMap(({ conversations }) => conversations);
  }

  devicesOf(user_id: string): Device[] {
    return this.devices.filter(({ user }) => user.user_id === user_id);
  }

  /** Everybody connects, and the travellers begin to come and go. */
  async start(run_minutes: number): Promise<void> {
    const waiting = this.devices.values();
    const connector = async () => {
      for (const device of waiting) await device.connect();
    };
    await Promise.all(Array.from({ length: CONNECT_PARALLEL }, connector));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    for (const device of this.#travellers) this.#journeys.push(this.#travel(device, run_minutes));
  }

  /** Everybody is there again, and stays. */
  async gather(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#journeys);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.devices.map((device) => device.leave(false)));
  }

  async #travel(device: Device, run_minutes: number): Promise<void> {
    while (await this.#pause(between(...STAY_SECONDS))) {
      try {
        await device.leave(Math.random() < CLOSE_CHANCE);
        await this.#pause(awaySeconds(run_minutes));
        await device.connect();
      } catch (error) {
        this.#world.tally.error(`a device on its way: ${error}`);
      }
    }
  }

  /** False if there is no more time. */
  async #pause(seconds: number): Promise<boolean> {
    const { signal } = this.#stopped;
    await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }

  #tick(): void {
    const now = performance.now();
    for (const device of this.devices) device.tick(now);
  }
}
