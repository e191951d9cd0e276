import type { GroupCommand, MessageCommand } from "../../src/objects/conversation/commands.ts";
import type { Role } from "../../src/protocol/roles.ts";
import { Asides } from "./asides.ts";
import type { KnownMessage } from "./client/conversation-view.ts";
import type { Device, DeviceContext } from "./client/device.ts";
import type { Ledger } from "./client/ledger.ts";
import { changeGroup, type Deed, EMOJI, fulfil, joiningOf, mostlyTheFounders } from "./deed.ts";
import type { Scenario } from "./plan.ts";
import type { Scheduler } from "./platform/scheduler.ts";
import type { Random } from "./random.ts";
import type { Chat, Person } from "./world.ts";

const ROLES: readonly Role[] = ["owner", "admin", "member"];

/** What people do to messages and groups: whatever comes to their minds, allowed or not. */
export class Deeds {
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #scheduler: Scheduler;
  readonly #asides: Asides | null;
  #edits = 0;
  #names = 0;

  constructor({ platform, ledger, random }: DeviceContext, scenario: Scenario) {
    this.#random = random.fork();
    this.#asides = scenario === "asides" ? new Asides(this.#random, ledger, platform.scheduler) : null;
    this.#ledger = ledger;
    this.#scheduler = platform.scheduler;
  }

  /** Somebody changes something, or names somebody. */
  act(chat: Chat, device: Device): void {
    const message = this.#pickMessage(chat, device);
    const deeds = [
      ...this.#sayings(chat, device),
      ...(message ? this.#messageDeeds(chat, device, message) : []),
      ...(chat.seed.type === "group" ? this.#groupDeeds(chat, device) : []),
      ...(this.#asides?.deedsOf(chat, device, message) ?? []),
    ];
    let choice = this.#random.between(
      1,
      deeds.reduce((sum, [weight]) => sum + weight, 0),
    );
    for (const [weight, deed] of deeds) {
      choice -= weight;
      if (choice > 0) continue;
      deed();
      return;
    }
  }

  #sayings(chat: Chat, device: Device): Deed[] {
    const { conversation_id } = chat.seed;
    const named = this.#random.pick(chat.people);
    return [
      [15, () => device.say(conversation_id, 1, ` @${named.username}`)],
      [6, () => this.#mute(conversation_id, device)],
    ];
  }

  #mute(conversation_id: string, device: Device): void {
    const { now } = this.#scheduler;
    const muted_until = this.#random.chance(0.3) ? null : now + this.#random.between(1, 100_000);
    const mutes = this.#ledger.mutesOf(conversation_id, device.identity.user_id);
    device.change(conversation_id, (worker) =>
      fulfil(mutes.begin(muted_until, this.#scheduler.now), this.#scheduler, () =>
        worker.changeSettings(device.identity, conversation_id, { muted_until }),
      ),
    );
  }

  #messageDeeds(chat: Chat, device: Device, { message_id, sender_id }: KnownMessage): Deed[] {
    const { conversation_id } = chat.seed;
    const { user_id } = device.identity;
    const emoji = this.#random.pick(EMOJI);
    const change = (command: MessageCommand) =>
      device.change(conversation_id, (worker) =>
        fulfil(
          this.#ledger.messages.begin(user_id, message_id, command, this.#scheduler.now),
          this.#scheduler,
          () => worker.changeMessage(device.identity, conversation_id, message_id, command),
        ),
      );
    const named = this.#random.chance(0.4) ? ` @${this.#random.pick(chat.people).username}` : "";
    return [
      [20, () => change({ kind: "react", emoji })],
      [10, () => change({ kind: "unreact", emoji })],
      [6, () => change({ kind: "pin" })],
      [4, () => change({ kind: "unpin" })],
      [
        sender_id === user_id ? 25 : 3,
        () => change({ kind: "edit", edit: { content: `${device.label} edits ${++this.#edits}${named}` } }),
      ],
      [sender_id === user_id ? 12 : 5, () => change({ kind: "delete" })],
    ];
  }

  #groupDeeds(chat: Chat, someone: Device): Deed[] {
    const { conversation_id } = chat.seed;
    const other = this.#random.pick(chat.people);
    const role = this.#random.pick(ROLES);
    const device = mostlyTheFounders(chat, someone, this.#random);
    const change = (command: GroupCommand) => changeGroup(device, conversation_id, command, this.#ledger);
    return [
      [8, () => change({ kind: "update", update: { name: `Name ${++this.#names}` } })],
      [3, () => change({ kind: "update", update: { description: `Words ${++this.#names}` } })],
      [14, () => change({ kind: "add", joining: [joiningOf(other)] })],
      [8, () => this.#churn(chat, device, other)],
      [4, () => change({ kind: "add", joining: chat.people.map(joiningOf) })],
      [8, () => change({ kind: "remove", user_id: other.user_id })],
      [4, () => change({ kind: "remove", user_id: device.identity.user_id })],
      [8, () => change({ kind: "set_role", user_id: other.user_id, role })],
      [this.#random.chance(0.1) ? 3 : 0, () => change({ kind: "delete" })],
    ];
  }

  /** Somebody goes and comes several times within a moment. */
  #churn({ seed: { conversation_id } }: Chat, device: Device, other: Person): void {
    const commands: readonly GroupCommand[] = [
      { kind: "remove", user_id: other.user_id },
      { kind: "add", joining: [joiningOf(other)] },
    ];
    for (let count = 0; count < 4; count++) {
      const command = commands[count % 2];
      if (!command) continue;
      this.#scheduler.after(this.#random.between(0, 800), () =>
        changeGroup(device, conversation_id, command, this.#ledger),
      );
    }
  }

  /** Mostly one of the newest that the device knows. */
  #pickMessage(chat: Chat, device: Device): KnownMessage | null {
    const known = [...device.view(chat.seed.conversation_id).known.values()].sort((a, b) => a.seq - b.seq);
    if (known.length === 0) return null;
    return this.#random.pick(this.#random.chance(0.8) ? known.slice(-4) : known);
  }
}
