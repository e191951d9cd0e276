import type { Message } from "../../../src/protocol/message.ts";
import type { Worker } from "../worker.ts";
import type { Device } from "./device.ts";
import type { Requests } from "./requests.ts";

const PAGE = 100;

/** Fetches from the history what a `SYNC_GAP` announced, one conversation at a time. */
export class GapFetcher {
  readonly #device: Device;
  readonly #worker: Worker;
  readonly #requests: Requests;
  readonly #fetching = new Set<string>();

  constructor(device: Device, worker: Worker, requests: Requests) {
    this.#device = device;
    this.#worker = worker;
    this.#requests = requests;
  }

  start(conversation_id: string): void {
    if (this.#fetching.has(conversation_id)) return;
    this.#fetching.add(conversation_id);
    void this.#fetch(conversation_id).finally(() => this.#fetching.delete(conversation_id));
  }

  async #fetch(conversation_id: string): Promise<void> {
    const { identity } = this.#device;
    const log = this.#device.log(conversation_id);
    for (let gap = log.nextGap(); gap; gap = log.nextGap()) {
      const { from_seq, to_seq } = gap;
      const query = { after_seq: from_seq - 1, limit: Math.min(PAGE, to_seq - from_seq + 1) };
      const page = await this.#requests.persist(() => this.#worker.history(identity, conversation_id, query));
      if (page.items.length === 0) {
        this.#device.violated("DLV-1", `the history lacks the announced ${from_seq} to ${to_seq}`);
        return;
      }
      this.#receive(page.items);
    }
  }

  #receive(messages: readonly Message[]): void {
    for (const message of messages) this.#device.received(message);
  }
}
