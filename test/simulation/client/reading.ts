import { isRefusal } from "../worker.ts";
import type { Device, DeviceContext } from "./device.ts";
import { markFrame } from "./frames.ts";
import type { Link } from "./link.ts";
import type { Requests } from "./requests.ts";
import type { Sockets } from "./sockets.ts";

/** What a person reads on a device. A mark that no inbox row shows may not have been taken: it is repeated (UNR-2). */
export class Reading {
  readonly #device: Device;
  readonly #sockets: Sockets;
  readonly #requests: Requests;
  readonly #context: DeviceContext;
  /** Up to where each conversation was read. */
  readonly #wanted = new Map<string, number>();
  /** Marks that went over a socket. */
  readonly #sent: { readonly conversation_id: string; readonly seq: number; readonly link: Link }[] = [];

  constructor(device: Device, sockets: Sockets, requests: Requests, context: DeviceContext) {
    this.#device = device;
    this.#sockets = sockets;
    this.#requests = requests;
    this.#context = context;
  }

  /** Reads what the device has of a conversation, or a part of it. */
  read(conversation_id: string): void {
    const { random } = this.#context;
    const { contiguous } = this.#device.log(conversation_id);
    const seq = random.chance(0.7) ? contiguous : random.between(0, contiguous);
    if (seq === 0) return;
    this.#wanted.set(conversation_id, Math.max(seq, this.#wanted.get(conversation_id) ?? 0));
    this.#mark(conversation_id, seq);
  }

  synced(): void {
    for (const conversation_id of this.#wanted.keys()) this.#markAgain(conversation_id);
  }

  /** Up to where a conversation must be read once everything is healed: an open socket has lost nothing. */
  surelyRead(conversation_id: string): number {
    const taken = this.#sent.filter((mark) => mark.conversation_id === conversation_id && mark.link.isOpen);
    return Math.max(0, ...taken.map(({ seq }) => seq));
  }

  #mark(conversation_id: string, seq: number): void {
    const { random, platform } = this.#context;
    const link = this.#sockets.pick(conversation_id);
    if (link && random.chance(0.7)) {
      link.send([markFrame(conversation_id, seq, "read")], true);
      this.#sent.push({ conversation_id, seq, link });
      return;
    }
    this.#requests.limit(this.#markOverHttp(conversation_id, seq)).catch((error) => {
      if (isRefusal(error)) return;
      platform.scheduler.after(random.between(1_000, 3_000), () => this.#markAgain(conversation_id));
    });
  }

  async #markOverHttp(conversation_id: string, seq: number): Promise<void> {
    const device = this.#device;
    const { read_seq } = await this.#requests.ask(conversation_id, (worker) =>
      worker.read(device.identity, conversation_id, seq),
    );
    if (read_seq < seq) device.violated("UNR-2", `read up to ${seq}, and was answered ${read_seq}`);
    device.sawRead(conversation_id, read_seq);
  }

  #markAgain(conversation_id: string): void {
    const seq = this.#wanted.get(conversation_id) ?? 0;
    const shown_seq = this.#device.inbox.rows.get(conversation_id)?.read_seq ?? 0;
    if (seq > shown_seq) this.#mark(conversation_id, seq);
  }
}
