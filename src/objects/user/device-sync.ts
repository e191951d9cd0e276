import { type CatchUp, planCatchUp } from "../../domain/catch-up.ts";
import type { HandedEntry } from "../../domain/hand-over.ts";
import { type Inbox, positionOf } from "../../domain/inbox.ts";
import { errorFields, log } from "../../observability/log.ts";
import { CLOSE } from "../../protocol/close-codes.ts";
import type { ServerFrame } from "../../protocol/frames/server-frame.ts";
import type { Stretch } from "../conversation/rpc.ts";
import { entryText } from "../runtime/entry-text.ts";
import { encodeFrame, sendFrames } from "../runtime/frame-writer.ts";
import { roomIn } from "../runtime/slow-reader.ts";
import { closeQuietly, type SocketSet } from "../runtime/sockets.ts";
import { callWithRetry } from "../runtime/time-limit.ts";
import type { DeviceSocket } from "./attachment.ts";
import { hiddenFrame, inboxFrame } from "./frames.ts";
import type { InboxBook } from "./inbox-book.ts";

const PAGE_ENTRIES = 100;
/** So many inbox rows, or hidden messages, are told of at once. */
const PORTION_FRAMES = 100;
/** So many conversations are caught up at once. */
const PARALLEL = 6;

export interface SyncContext {
  readonly book: InboxBook;
  readonly sockets: SocketSet<DeviceSocket>;
  readonly sync_push_limit: number;
  /** Fetches what conversations may hold back for this user; null if there is none. */
  readonly fetchHeldBack: () => Promise<void> | null;
  readonly readEntries: (
    conversation_id: string,
    device_id: string,
    stretch: Stretch,
  ) => PromiseLike<readonly HandedEntry[] | null>;
}

/**
 * Pushes to a device what it has not acknowledged (DLV-1), read from the conversations' logs. While a conversation is
 * caught up on a socket, its new entries wait behind the old ones: the catch-up reads on until it meets them (SEQ-2).
 */
export class DeviceSync {
  readonly #context: SyncContext;
  readonly #catchingUp = new WeakMap<WebSocket, Set<string>>();
  /** Sockets of which it is not known yet what they lack. */
  readonly #asking = new WeakSet<WebSocket>();
  readonly #runs = new WeakMap<WebSocket, Promise<void>>();

  constructor(context: SyncContext) {
    this.#context = context;
  }

  isCatchingUp(socket: WebSocket, conversation_id: string): boolean {
    return this.#asking.has(socket) || (this.#catchingUp.get(socket)?.has(conversation_id) ?? false);
  }

  /** Runs after a sync of the same socket that is under way. `reset`: the client has to fetch its inbox anew. */
  start(socket: WebSocket, last_sync_id: number | null, reset: boolean): Promise<void> {
    const before = this.#runs.get(socket) ?? Promise.resolve();
    const run = before
      .then(() => this.#run(socket, last_sync_id, reset))
      .catch((error) => failed(socket, error));
    this.#runs.set(socket, run);
    return run;
  }

  async #run(socket: WebSocket, last_sync_id: number | null, reset: boolean): Promise<void> {
    const { book, sockets } = this.#context;
    const session = sockets.session(socket);
    if (!session) return;
    const heldBack = this.#context.fetchHeldBack();
    if (heldBack) {
      this.#asking.add(socket);
      await heldBack.finally(() => this.#asking.delete(socket));
    }
    const lagging = book.lagging(session.device_id);
    this.#catchingUp.set(socket, new Set(lagging.map(({ conversation_id }) => conversation_id)));
    await forEachParallel(lagging, PARALLEL, (inbox) =>
      this.#catchUp(socket, session.device_id, inbox).catch((error) =>
        this.#giveUp(socket, session.device_id, inbox, error),
      ),
    );
    const isUnknown = reset || (last_sync_id !== null && !book.isKnown(last_sync_id, session.device_id));
    const isTold = last_sync_id !== null && !isUnknown;
    const sync_id = isTold ? await this.#tellChanges(socket, last_sync_id) : book.sync_id;
    // Of one that has gone meanwhile the rest was not sent.
    if (!sockets.session(socket)) return;
    send(socket, session, [
      { type: "SYNC_COMPLETE", payload: isUnknown ? { sync_id, reset: true } : { sync_id } },
    ]);
  }

  /** Sends what was hidden, then the rows that have changed. Answers up to where the device has been told of everything. */
  async #tellChanges(socket: WebSocket, last_sync_id: number): Promise<number> {
    const { book } = this.#context;
    // What is hidden from here on it hears at once, as ever.
    await this.#sendInPortions(socket, book.hiddenSince(last_sync_id), (hidden) => hidden.map(hiddenFrame));
    let told_id = last_sync_id;
    while (told_id < book.sync_id) {
      const { sync_id } = book;
      const changed = book.changedSince(told_id);
      await this.#sendInPortions(socket, changed, (ids) => book.rowsOf(ids).map(inboxFrame));
      // Which rows have changed meanwhile, the next round tells: a live message alone does not say all that is new in one.
      told_id = sync_id;
    }
    return told_id;
  }

  /** The frames of a portion are made when there is room for them: never older than what has gone out meanwhile. */
  async #sendInPortions<T>(
    socket: WebSocket,
    items: readonly T[],
    framesOf: (portion: readonly T[]) => readonly ServerFrame[],
  ): Promise<void> {
    for (let from = 0; from < items.length; from += PORTION_FRAMES) {
      await roomIn(socket);
      const session = this.#context.sockets.session(socket);
      if (!session) return;
      send(socket, session, framesOf(items.slice(from, from + PORTION_FRAMES)));
    }
  }

  async #catchUp(socket: WebSocket, device_id: string, inbox: Inbox): Promise<void> {
    const { book, sockets, sync_push_limit, readEntries } = this.#context;
    const { conversation_id } = inbox;
    const head = () => book.get(conversation_id)?.head_seq ?? 0;
    // Who has left cannot fetch anything (CONV-4): it is pushed all that it still has to get.
    const limit = inbox.left_seq === null ? sync_push_limit : Number.POSITIVE_INFINITY;
    const { after_seq, gap } = planCatchUp(positionOf(inbox, device_id), head(), limit);
    if (gap) this.#announce(socket, conversation_id, gap);
    for (let cursor = after_seq; cursor < head() && sockets.session(socket); ) {
      await roomIn(socket);
      // Not past what the inbox knows of: the rest comes with its hand-over, and would come twice (SEQ-2).
      const stretch = { after_seq: cursor, up_to_seq: head(), limit: PAGE_ENTRIES };
      const entries = await callWithRetry(() => readEntries(conversation_id, device_id, stretch));
      if (!entries) {
        // Of a time as a member that another has followed nobody tells any more; but the device is not to see a hole (SEQ-2).
        this.#announce(socket, conversation_id, { from_seq: cursor + 1, to_seq: head() });
        break;
      }
      if (entries.length > 0) this.#push(socket, conversation_id, entries);
      // None: acknowledged elsewhere, or the log was restored from before. What came meanwhile has waited behind it.
      cursor = entries.at(-1)?.seq ?? stretch.up_to_seq;
    }
    this.#catchingUp.get(socket)?.delete(conversation_id);
  }

  /** A conversation that cannot be read must not keep the others from the device: what is missing is announced (DLV-1). */
  #giveUp(socket: WebSocket, device_id: string, inbox: Inbox, error: unknown): void {
    const { conversation_id } = inbox;
    log("error", "a conversation was not synced", { conversation_id, ...errorFields(error) });
    this.#catchingUp.get(socket)?.delete(conversation_id);
    const from_seq = positionOf(inbox, device_id) + 1;
    const to_seq = this.#context.book.get(conversation_id)?.head_seq ?? 0;
    this.#announce(socket, conversation_id, { from_seq, to_seq });
  }

  #announce(
    socket: WebSocket,
    conversation_id: string,
    { from_seq, to_seq }: NonNullable<CatchUp["gap"]>,
  ): void {
    const session = this.#context.sockets.session(socket);
    if (!session || from_seq > to_seq) return;
    send(socket, session, [{ type: "SYNC_GAP", payload: { conversation_id, from_seq, to_seq } }]);
  }

  #push(socket: WebSocket, conversation_id: string, entries: readonly HandedEntry[]): void {
    const { book, sockets } = this.#context;
    const session = sockets.session(socket);
    if (!session) return;
    const sync_id = book.get(conversation_id)?.sync_id ?? book.sync_id;
    const texts = entries.map((entry) => entryText(entry, { sync_id }));
    sendFrames(socket, session.batch, texts);
  }
}

function send(socket: WebSocket, session: DeviceSocket, frames: readonly ServerFrame[]): void {
  sendFrames(socket, session.batch, frames.map(encodeFrame));
}

/** A device that could not be given everything must not believe that it has it: it reconnects, and is synced again. */
function failed(socket: WebSocket, error: unknown): void {
  log("warn", "sync failed", errorFields(error));
  closeQuietly(socket, CLOSE.going_away, "sync failed; reconnect");
}

async function forEachParallel<T>(
  items: readonly T[],
  parallel: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await run(item);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}
