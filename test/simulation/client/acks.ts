import type { Device, DeviceContext } from "./device.ts";
import { markFrame } from "./frames.ts";
import type { Link } from "./link.ts";
import type { Sockets } from "./sockets.ts";

/** A device acknowledges what it has a little later and all at once, and again if a socket that took it along breaks. */
export class Acks {
  readonly #device: Device;
  readonly #sockets: Sockets;
  readonly #context: DeviceContext;
  readonly #due = new Set<string>();
  /** By conversation: over which socket the last one went. One that breaks may have lost it. */
  readonly #sentOver = new Map<string, Link>();

  constructor(device: Device, sockets: Sockets, context: DeviceContext) {
    this.#device = device;
    this.#sockets = sockets;
    this.#context = context;
  }

  soon(conversation_id: string): void {
    if (this.#due.has(conversation_id)) return;
    this.#due.add(conversation_id);
    const { random, platform } = this.#context;
    platform.scheduler.after(random.between(0, 300), () => {
      this.#due.delete(conversation_id);
      const { contiguous } = this.#device.log(conversation_id);
      const link = this.#sockets.pick(conversation_id);
      if (!link || contiguous === 0) return;
      this.#sentOver.set(conversation_id, link);
      link.send([markFrame(conversation_id, contiguous, "delivered")], true);
    });
  }

  ended(link: Link): void {
    for (const [conversation_id, over] of this.#sentOver) if (over === link) this.soon(conversation_id);
  }

  synced(): void {
    for (const conversation_id of this.#device.logs.keys())
      if (!this.#sentOver.get(conversation_id)?.isOpen) this.soon(conversation_id);
  }
}
