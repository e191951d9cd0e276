import { oneOnOneId } from "../../src/domain/conversation-id.ts";
import { initialGroupMembers, oneOnOneMembers } from "../../src/domain/membership.ts";
import type { ConversationSeed } from "../../src/objects/conversation/rpc.ts";
import { Device, type DeviceContext } from "./client/device.ts";
import { Deeds } from "./deeds.ts";
import type { Plan, PlannedConversation } from "./plan.ts";

/** A user with the devices it is logged in on. */
export interface Person {
  readonly user_id: string;
  readonly username: string;
  readonly devices: Device[];
}

export interface Chat {
  readonly seed: ConversationSeed;
  /** Whoever may come to have to do with it. */
  readonly people: readonly Person[];
  readonly quiet_ms: number;
  /** Somebody was told that it exists. */
  isFounded: boolean;
}

/** The people of a run, their devices and conversations, and what they do. */
export class World {
  readonly people: readonly Person[];
  readonly chats: readonly Chat[];
  readonly #context: DeviceContext;
  /** Null where people only write and read. */
  readonly #deeds: Deeds | null;

  constructor(plan: Plan, context: DeviceContext) {
    this.#context = context;
    this.#deeds = plan.scenario === "messages" ? null : new Deeds(context, plan.scenario);
    this.people = plan.devices.map((_, index) => ({
      user_id: context.random.uuid(7),
      username: `person_${index + 1}`,
      devices: [],
    }));
    for (const [index, person] of this.people.entries()) {
      for (let count = plan.devices[index] ?? 1; count > 0; count--) this.addDevice(person);
    }
    this.chats = plan.conversations.map((planned) => this.#planChat(planned));
  }

  get devices(): Device[] {
    return this.people.flatMap(({ devices }) => devices);
  }

  addDevice(person: Person): Device {
    const number = person.devices.length + 1;
    const identity = {
      user_id: person.user_id,
      session_id: this.#context.random.uuid(7),
      device_id: `device-${number}`,
    };
    const device = new Device(`P${this.people.indexOf(person) + 1}.${number}`, identity, this.#context);
    person.devices.push(device);
    return device;
  }

  /** Founds it, and tries until it exists, unless its founder gives up. True if it exists. */
  async found(chat: Chat, givesUp: boolean): Promise<boolean> {
    const { worker, random, platform } = this.#context;
    while (!chat.isFounded) {
      try {
        await worker.createConversation(chat.seed);
        chat.isFounded = true;
      } catch {
        if (givesUp) break;
        await new Promise<void>((resolve) => platform.scheduler.after(random.between(100, 3_000), resolve));
      }
    }
    return chat.isFounded;
  }

  /** Somebody does something in a conversation that exists. */
  act(chat: Chat): void {
    const { random } = this.#context;
    const person = random.pick(chat.people);
    const device = random.pick(person.devices.filter(({ isKnown }) => isKnown));
    const { conversation_id } = chat.seed;
    if (this.#deeds && random.chance(0.6)) {
      this.#deeds.act(chat, device);
      return;
    }
    const deeds: readonly (readonly [number, () => void])[] = [
      [40, () => device.say(conversation_id, random.chance(0.3) ? random.between(2, 8) : 1)],
      [20, () => device.reading.read(conversation_id)],
      [10, () => device.sockets.openConversation(conversation_id)],
      [5, () => device.sockets.closeConversation(conversation_id)],
      [8, () => device.sockets.goOffline()],
      [15, () => device.sockets.goOnline()],
      [4, () => device.sockets.loseNetwork()],
      [2, () => device.sockets.askToSync()],
      [8, () => this.#converse(chat)],
      [1, () => this.#join(person)],
    ];
    const total = deeds.reduce((sum, [weight]) => sum + weight, 0);
    let choice = random.between(1, total);
    for (const [weight, deed] of deeds) {
      choice -= weight;
      if (choice <= 0) {
        deed();
        return;
      }
    }
  }

  /** The last that is done in a conversation is often to write or to read, and nobody comes after who would mend it. */
  actLast(chat: Chat): void {
    const { random } = this.#context;
    const device = random.pick(random.pick(chat.people).devices);
    if (!device.isKnown) return;
    if (this.#deeds && random.chance(0.6)) this.#deeds.act(chat, device);
    else if (random.chance(0.5)) device.reading.read(chat.seed.conversation_id);
    else device.say(chat.seed.conversation_id, 1);
  }

  /** Several talk and read at once. */
  #converse(chat: Chat): void {
    const { random, platform } = this.#context;
    for (let count = random.between(4, 8); count > 0; count--) {
      const device = random.pick(random.pick(chat.people).devices);
      platform.scheduler.after(random.between(0, 400), () => {
        if (device.isKnown) this.partake(chat, device);
      });
    }
  }

  /** Somebody says, reads or changes something. */
  partake(chat: Chat, device: Device): void {
    const { random } = this.#context;
    const { conversation_id } = chat.seed;
    if (this.#deeds && random.chance(0.5)) this.#deeds.act(chat, device);
    else if (random.chance(0.5)) device.say(conversation_id, 1);
    else device.reading.read(conversation_id);
  }

  #join(person: Person): void {
    if (person.devices.length >= 4) return;
    const device = this.addDevice(person);
    device.sockets.goOnline();
    void device.login();
  }

  #planChat({ type, members: numbers, quiet_ms }: PlannedConversation): Chat {
    const founders = numbers.flatMap((number) => this.people[number] ?? []);
    const [creator, ...others] = founders.map(({ user_id }) => user_id);
    const [peer] = others;
    if (creator === undefined || peer === undefined) throw new Error("nobody to talk with");
    const isGroup = type === "group";
    const members = isGroup ? initialGroupMembers(creator, others) : oneOnOneMembers(creator, peer);
    const usernames = new Map(this.people.map(({ user_id, username }) => [user_id, username]));
    return {
      people: this.#deeds && isGroup ? this.people : founders,
      quiet_ms,
      isFounded: false,
      seed: {
        conversation_id: isGroup ? this.#context.random.uuid(4) : oneOnOneId(creator, peer),
        type,
        name: isGroup ? "Group" : null,
        description: null,
        created_by: creator,
        members: members.map((member) => ({ ...member, username: usernames.get(member.user_id) ?? "" })),
      },
    };
  }
}
