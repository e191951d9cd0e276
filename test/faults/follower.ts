import type { ServerFrame } from "../../src/protocol/frames/server-frame.ts";
import type { Message } from "../../src/protocol/message.ts";
import type { Session } from "../support/server/client.ts";
import type { TestSocket } from "../support/server/test-socket.ts";

/** "Ack cumulatively, at most a few times a second" (docs/protocol.md §5). */
const ACK_PAUSE_MS = 200;

/** A device that follows all conversations of its user as a client should, over as many sockets as it needs. */
export class Follower {
  readonly session: Session;
  /** The sockets it has had, one after the other. */
  readonly sockets: TestSocket[] = [];
  readonly #conversations = new Map<string, Map<number, Message>>();
  #ackTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session) {
    this.session = session;
  }

  async connect(): Promise<TestSocket> {
    const socket = await this.session.connectDevice({ batch: true });
    this.sockets.push(socket);
    for (const frame of socket.arrivals) this.#take(socket, frame);
    socket.watch((frame) => this.#take(socket, frame));
    return socket;
  }

  /** What it has of a conversation, in order. */
  list(conversation_id: string): Message[] {
    return [...this.#of(conversation_id).values()].sort((left, right) => left.seq - right.seq);
  }

  async close(): Promise<void> {
    clearTimeout(this.#ackTimer);
    await this.sockets.at(-1)?.close(1000);
  }

  #of(conversation_id: string): Map<number, Message> {
    let messages = this.#conversations.get(conversation_id);
    if (!messages) {
      messages = new Map();
      this.#conversations.set(conversation_id, messages);
    }
    return messages;
  }

  #take(socket: TestSocket, frame: ServerFrame): void {
    if (frame.type !== "MESSAGE_RECEIVE") return;
    const { sync_id: _, ...message } = frame.payload;
    const messages = this.#of(message.conversation_id);
    const known = messages.get(message.seq);
    if (known && known.message_id !== message.message_id) {
      throw new Error(`two messages of one conversation have seq ${message.seq}`);
    }
    messages.set(message.seq, message);
    this.#ackTimer ??= setTimeout(() => {
      this.#ackTimer = undefined;
      this.#ackAll(socket);
    }, ACK_PAUSE_MS);
  }

  /** Everything up to the first hole that others may still fill. Its own messages are no holes: they are not sent to it. */
  #ackAll(socket: TestSocket): void {
    for (const [conversation_id, messages] of this.#conversations) {
      const seq = Math.max(0, ...messages.keys());
      if (socket.isOpen && seq > 0) socket.ack(conversation_id, seq);
    }
  }
}
