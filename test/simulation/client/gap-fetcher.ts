import type { HistoryPage, HistoryQuery } from "../../../src/protocol/message.ts";
import { isTurnedAway, type Worker } from "../worker.ts";
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
    const log = this.#device.log(conversation_id);
    for (let gap = log.nextGap(); gap; gap = log.nextGap()) {
      const { from_seq, to_seq } = gap;
      const query = { after_seq: from_seq - 1, limit: Math.min(PAGE, to_seq - from_seq + 1) };
      const page = await this.#requests.persist(() => this.#history(conversation_id, query));
      if (!page) {
        this.#device.forgoGap(conversation_id, gap);
        await this.#askInbox(conversation_id);
        continue;
      }
      const end_seq = endOf(page);
      if (end_seq < from_seq) {
        this.#device.violated("DLV-1", `the history lacks the announced ${from_seq} to ${to_seq}`);
        return;
      }
      for (const message of page.items) this.#device.readInHistory(message, page.head_seq);
      for (const { message } of page.updates) this.#device.readInHistory(message, page.head_seq);
      this.#device.gapFetched(conversation_id, { from_seq, to_seq: Math.min(end_seq, to_seq) });
    }
  }

  /** The inbox tells whether its user is a member still (docs/protocol.md §5), unless a frame comes meanwhile that is newer. */
  async #askInbox(conversation_id: string): Promise<void> {
    const { inbox, identity } = this.#device;
    for (;;) {
      const told = inbox.told.get(conversation_id);
      const rows = await this.#requests.persist(() => this.#worker.listInbox(identity));
      if (inbox.told.get(conversation_id) !== told) continue;
      const row = rows.find((each) => each.conversation_id === conversation_id);
      if (row) inbox.saw(row);
      else inbox.left(conversation_id);
      return;
    }
  }

  /** Null for who is not a member any more. */
  async #history(conversation_id: string, query: HistoryQuery): Promise<HistoryPage | null> {
    const { identity } = this.#device;
    try {
      return await this.#requests.ask(conversation_id, (worker) =>
        worker.history(identity, conversation_id, query),
      );
    } catch (error) {
      if (isTurnedAway(error)) return null;
      throw error;
    }
  }
}

/** Up to where a page tells everything. */
export function endOf({ head_seq, next_after_seq }: HistoryPage): number {
  return next_after_seq ?? head_seq;
}
