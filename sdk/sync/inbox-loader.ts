import type { InboxRow } from "../../src/protocol/conversation.ts";
import type { Page } from "../../src/protocol/page.ts";
import type { Environment } from "../environment.ts";
import type { PageRequest } from "../http/call.ts";
import type { Keeper } from "../storage/keeper.ts";
import type { Replica } from "./replica.ts";

/** After a failure it is tried again so much later. */
const AGAIN_MS = 5_000;

export interface InboxLoaderContext {
  readonly environment: Environment;
  readonly replica: Replica;
  readonly keeper: Pick<Keeper, "last_sync_id" | "noteSynced">;
  readonly isOnline: () => boolean;
  readonly fetchPage: (request: PageRequest) => Promise<Page<InboxRow>>;
  /** Something was taken in. */
  readonly taken: () => void;
  readonly loaded: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Fetches the whole inbox whenever the device has no position from which the server could tell what has changed. The position that a
 * socket brings counts once the inbox was read on that socket from its first page on: what changed between two sockets is told on
 * neither.
 */
export class InboxLoader {
  readonly #context: InboxLoaderContext;
  #isLoaded = false;
  /** What is known, and what this socket tells, is all there is. */
  #isWhole = false;
  /** What the socket has said with `SYNC_COMPLETE`. */
  #synced_id: number | null = null;
  /** How often it was begun: a load that another has overtaken is of no interest any more. */
  #loads = 0;

  constructor(context: InboxLoaderContext) {
    this.#context = context;
  }

  /** It was fetched once, so that it can be shown. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  restored(): void {
    this.#isLoaded = this.#context.keeper.last_sync_id !== null;
  }

  connecting(): void {
    this.#synced_id = null;
  }

  connected(): void {
    this.#isWhole = this.#context.keeper.last_sync_id !== null;
    if (!this.#isWhole) void this.#load();
  }

  synced(sync_id: number): void {
    this.#synced_id = sync_id;
    this.#noteSynced();
  }

  /** What was known is void. */
  reset(): void {
    this.#isLoaded = false;
    this.#isWhole = false;
    void this.#load();
  }

  async #load(): Promise<void> {
    const { environment, isOnline, loaded, failed } = this.#context;
    const number = ++this.#loads;
    const isOvertaken = () => number !== this.#loads;
    try {
      await this.#loadPages(isOvertaken);
      if (isOvertaken()) return;
      this.#isLoaded = true;
      this.#isWhole = true;
      this.#noteSynced();
      loaded();
    } catch (error) {
      if (isOvertaken()) return;
      failed(error);
      // Whoever connects loads it anyway.
      environment.setTimer(() => {
        if (!isOvertaken() && isOnline()) void this.#load();
      }, AGAIN_MS);
    }
  }

  /** Rows that are not there any more are removed, unless a frame has told of them meanwhile. */
  async #loadPages(isOvertaken: () => boolean): Promise<void> {
    const { replica, fetchPage, taken } = this.#context;
    const before = new Map(replica.inbox.conversation_ids.map((id) => [id, replica.inbox.told(id)]));
    const load = async (cursor: string | null): Promise<string | null> => {
      const { items, next_cursor } = await fetchPage({ cursor, limit: 100 });
      if (isOvertaken()) return null;
      for (const row of items) {
        before.delete(row.conversation_id);
        replica.takeRow(row);
      }
      taken();
      return next_cursor;
    };
    const second = await load(null);
    for (let cursor = second; cursor !== null; ) cursor = await load(cursor);
    // Where something has happened meanwhile, the row has moved up, away from the page that was to bring it.
    if (second !== null) await load(null);
    if (isOvertaken()) return;
    for (const [id, row] of before) if (replica.inbox.told(id) === row) replica.removeRow(id);
    taken();
  }

  #noteSynced(): void {
    if (this.#isWhole && this.#synced_id !== null) this.#context.keeper.noteSynced(this.#synced_id);
  }
}
