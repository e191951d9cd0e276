import type { ServerFrame } from "../../../src/protocol/frames/server-frame.ts";
import type { Message } from "../../../src/protocol/message.ts";
import type { Session, SocketOptions } from "./client.ts";
import type { TestSocket } from "./test-socket.ts";

/** "Ack cumulatively, at most a few times a second" (docs/protocol.md §5). */
const ACK_PAUSE_MS = 200;
const POLL_MS = 10;

/**
 * A device that follows one conversation as a client should (docs/protocol.md §5): it keeps each entry once, acks
 * cumulatively and comes back after a drop.
 */
export class Reader {
  readonly session: Session;
  readonly conversation_id: string;
  /** What the device has, by `seq`. */
  readonly messages = new Map<number, Message>();
  /** The sockets it has had, one after the other. */
  readonly sockets: TestSocket[] = [];
  #ackTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session, conversation_id: string) {
    this.session = session;
    this.conversation_id = conversation_id;
  }

  /** Opens the device's socket, anew if it had one. */
  async connect(options: SocketOptions = {}): Promise<TestSocket> {
    const socket = await this.session.connectDevice(options);
    this.sockets.push(socket);
    for (const frame of socket.arrivals) this.#take(socket, frame);
    socket.watch((frame) => this.#take(socket, frame));
    return socket;
  }

  /** In order. */
  list(): Message[] {
    return [...this.messages.values()].sort((left, right) => left.seq - right.seq);
  }

  /** Resolves when `done` holds; throws when it does not come to that. */
  async until(done: (messages: ReadonlyMap<number, Message>) => boolean, timeout_ms = 10_000): Promise<void> {
    const deadline = performance.now() + timeout_ms;
    for (;;) {
      if (done(this.messages)) return;
      if (performance.now() > deadline) {
        throw new Error(`the device has ${this.messages.size} messages after ${timeout_ms} ms`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #take(socket: TestSocket, frame: ServerFrame): void {
    if (frame.type !== "MESSAGE_RECEIVE" || frame.payload.conversation_id !== this.conversation_id) return;
    const { sync_id: _, ...message } = frame.payload;
    const known = this.messages.get(message.seq);
    if (known && known.message_id !== message.message_id) {
      throw new Error(`two messages of one conversation have seq ${message.seq}`);
    }
    this.messages.set(message.seq, message);
    this.#ackSoon(socket);
  }

  #ackSoon(socket: TestSocket): void {
    this.#ackTimer ??= setTimeout(() => {
      this.#ackTimer = undefined;
      if (socket.isOpen) socket.ack(this.conversation_id, this.#contiguous());
    }, ACK_PAUSE_MS);
  }

  /** Up to where there is no hole. */
  #contiguous(): number {
    let seq = 0;
    while (this.messages.has(seq + 1)) seq++;
    return seq;
  }
}

/** The `seq` of every message that reached a socket, in order of arrival. */
export function receivedSeqs(socket: TestSocket, conversation_id: string): number[] {
  return socket
    .all("MESSAGE_RECEIVE")
    .filter(({ payload }) => payload.conversation_id === conversation_id)
    .map(({ payload }) => payload.seq);
}

/** Numbers as runs, short enough to read in a failed assertion: `1-400 402-500`; one that ascends without a hole is one. */
export function runsOf(seqs: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const seq of seqs) {
    const run = runs.at(-1);
    if (run && seq === run.last + 1) run.last = seq;
    else runs.push({ first: seq, last: seq });
  }
  return runs.map(({ first, last }) => `${first}-${last}`).join(" ");
}
