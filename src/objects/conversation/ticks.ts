import type { MarkAck } from "../../protocol/frames/message-ack.ts";
import { encodeFrame, sendFrames } from "../runtime/frame-writer.ts";
import type { SocketSet } from "../runtime/sockets.ts";
import type { ConversationSocket } from "./attachment.ts";
import type { SenderSpan } from "./entry-store.ts";
import type { Feeds } from "./feeds.ts";
import type { ConversationState } from "./state.ts";
import type { ConversationStore } from "./store.ts";

/** In a group, marks are told together after this pause: a message to 100 must not turn into 99 calls for each. */
const GROUP_PAUSE_MS = 1_000;

/**
 * In a larger group only those hear of a mark whose messages it passes: 1,000 marks told to 1,000 members are a million. The
 * same where the conversation has slept, and does not know who listens: not everyone is to be called for each mark in a group
 * in which nobody writes.
 */
const TOLD_TO_ALL_MEMBERS = 100;

/** Whose messages a mark passes is looked for in so many entries. */
const LOOK_BACK_ENTRIES = 1_000;

/** A member's mark has moved from `after_seq` on. */
export interface Tick {
  readonly ack: MarkAck;
  readonly after_seq: number;
}

export interface TicksContext {
  readonly store: ConversationStore;
  readonly state: ConversationState;
  readonly sockets: SocketSet<ConversationSocket>;
  readonly feeds: Feeds;
}

/** Tells the members how far the others have got: at once where two talk, after a short pause in a group. */
export class Ticks {
  readonly #context: TicksContext;
  /** Waiting for the end of the pause. A mark that a crash swallows here is told with the member's next one. */
  #waiting: Tick[] = [];

  constructor(context: TicksContext) {
    this.#context = context;
  }

  tell(moved: readonly Tick[]): void {
    // Who has not accepted the conversation gives no sign.
    const ticks = moved.filter(({ ack }) => !this.#context.state.requests.has(ack.user_id));
    if (ticks.length === 0) return;
    if (this.#context.state.record.type === "one_on_one") {
      this.#tellNow(ticks);
      return;
    }
    if (this.#waiting.length === 0) setTimeout(() => this.#tellNow(this.#waiting.splice(0)), GROUP_PAUSE_MS);
    this.#waiting.push(...ticks);
  }

  #tellNow(ticks: readonly Tick[]): void {
    const { state, sockets, feeds } = this.#context;
    const newest = newestTicks(ticks).map((tick) => ({
      ...tick,
      text: encodeFrame({ type: "MESSAGE_ACK", payload: tick.ack }),
    }));
    const isPeer = state.record.type === "one_on_one";
    const toAll = state.members.size <= TOLD_TO_ALL_MEMBERS;
    let known: ReadonlyMap<string, SenderSpan> | null = null;
    const spans = () => {
      known ??= this.#spans(newest);
      return known;
    };
    const isTold = (user_id: string, tick: Tick, whatever: boolean) =>
      this.#mayKnow(user_id, tick) && (whatever || passes(tick, spans().get(user_id)));
    for (const [socket, { user_id, batch }] of sockets.entries()) {
      const texts = newest.filter((tick) => isTold(user_id, tick, toAll)).map(({ text }) => text);
      sendFrames(socket, batch, texts);
    }
    for (const user_id of (toAll ? state.members : spans()).keys()) {
      const feed = feeds.of(user_id);
      const isListening = isPeer || feed.listening;
      // Since this object woke it may not have heard yet whether a device of the member's is connected.
      if (!isListening && feed.isKnown) continue;
      for (const tick of newest) if (isTold(user_id, tick, toAll && isListening)) feed.addTick(tick.ack);
    }
    feeds.kickAll(Date.now());
  }

  /** Nobody is told of its own, and who gives no read receipts sees none (DLV-6). */
  #mayKnow(user_id: string, { ack }: Tick): boolean {
    if (ack.user_id === user_id) return false;
    return ack.status !== "read" || this.#context.state.givesReceipts(user_id);
  }

  /** Who has sent what the marks pass, and from where to where. */
  #spans(ticks: readonly Tick[]): Map<string, SenderSpan> {
    const { store, state } = this.#context;
    const upTo = Math.max(...ticks.map(({ ack }) => ack.seq));
    const after = Math.max(Math.min(...ticks.map(({ after_seq }) => after_seq)), upTo - LOOK_BACK_ENTRIES);
    const spans = store.entries
      .senderSpans(after, upTo)
      .filter(({ sender_id }) => state.members.has(sender_id));
    return new Map(spans.map((span) => [span.sender_id, span]));
  }
}

function passes({ ack, after_seq }: Tick, span: SenderSpan | undefined): boolean {
  return span !== undefined && span.first_seq <= ack.seq && span.last_seq > after_seq;
}

/** The furthest of each member's marks, from where the first of them began. */
function newestTicks(ticks: readonly Tick[]): Tick[] {
  const newest = new Map<string, Tick>();
  for (const tick of ticks) {
    const key = `${tick.ack.user_id} ${tick.ack.status}`;
    const known = newest.get(key);
    if (!known) newest.set(key, tick);
    else if (known.ack.seq < tick.ack.seq) newest.set(key, { ...tick, after_seq: known.after_seq });
  }
  return [...newest.values()];
}
