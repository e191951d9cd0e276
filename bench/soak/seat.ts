import type { ServerFrame } from "../../src/protocol/frames/server-frame.ts";
import { within } from "../client/within.ts";
import type { Device } from "./device.ts";
import { Link } from "./link.ts";
import type { Participation } from "./participation.ts";
import type { World } from "./world.ts";

/** A server that has not greeted after so long never will. */
const GREETING_MS = 60_000;

/** A conversation that is open on a device's screen: its conversation socket. */
export class Seat {
  readonly participation: Participation;
  readonly #world: World;
  readonly #device: Device;
  #link: Link | null = null;
  /** Where the log stood when the socket was opened: what came before is not pushed. */
  #greeted: (head_seq: number) => void = () => undefined;

  constructor(world: World, device: Device, participation: Participation) {
    this.#world = world;
    this.#device = device;
    this.participation = participation;
  }

  async connect(): Promise<void> {
    const { conversation_id } = this.participation.conversation;
    const head = new Promise<number>((resolve) => {
      this.#greeted = resolve;
    });
    const url = await this.#device.upgradeUrl(`/ws/conversations/${conversation_id}`);
    const link = await Link.open(url, {
      onFrame: (frame, now) => this.#take(frame, now),
      onLost: (code) => this.#device.lost(`its conversation socket, closed with ${code}`),
      onNonsense: (error) => this.#world.tally.error(`a conversation socket said: ${error}`),
    });
    this.#link = link;
    const head_seq = await within(GREETING_MS, "a greeting", head);
    await this.participation.fetch(this.#device.token, this.participation.inbound.whole, head_seq);
    // It may have been cut off meanwhile.
    if (this.#link === link) this.participation.open(link);
  }

  async leave(isInOrder: boolean): Promise<void> {
    const link = this.#link;
    this.#link = null;
    this.participation.fallSilent();
    if (isInOrder) await link?.close();
    else link?.cut();
    this.participation.shut(isInOrder, performance.now());
  }

  tick(now: number): void {
    this.#link?.beat(now);
    this.participation.tick(now);
  }

  #take(frame: ServerFrame, now: number): void {
    if (frame.type === "CONNECTED") this.#greeted(frame.payload.head_seq ?? 0);
    else if (frame.type === "MESSAGE_RECEIVE") this.participation.receive(frame.payload, now, true);
    else this.#device.takeCommon(frame, now);
  }
}
