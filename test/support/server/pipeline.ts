import { randomUUID } from "node:crypto";
import type { Message, SentAck } from "../../../src/protocol/message.ts";
import type { TestSocket } from "./test-socket.ts";

interface Item {
  readonly client_message_id: string;
  readonly content: string;
}

export interface RunOptions {
  /** So many messages may wait for their acks at a time. */
  readonly window?: number;
  /** Told after each ack how many there are now. */
  readonly onAck?: (count: number) => void;
}

/**
 * Messages of a client that does not wait for its acks: it sends many at a time, in order, and after a drop again what was
 * not acked, with the same `client_message_id` (docs/protocol.md §5).
 */
export class Pipeline {
  readonly conversation_id: string;
  readonly items: readonly Item[];
  /** By `client_message_id`; the last ack of each. */
  readonly acks = new Map<string, SentAck>();

  constructor(conversation_id: string, count: number, label = "message") {
    this.conversation_id = conversation_id;
    this.items = Array.from({ length: count }, (_, index) => ({
      client_message_id: randomUUID(),
      content: `${label} ${index + 1}`,
    }));
  }

  /** Sends what is not acked yet. Resolves when everything is, or when the socket has closed; rejects at a refusal. */
  run(
    socket: TestSocket,
    { window = Number.POSITIVE_INFINITY, onAck = () => undefined }: RunOptions = {},
  ): Promise<void> {
    const unsent = this.items.filter(({ client_message_id }) => !this.acks.has(client_message_id));
    const own = new Set(unsent.map(({ client_message_id }) => client_message_id));
    let inFlight = 0;
    const fill = () => {
      for (const { client_message_id, content } of unsent.splice(0, window - inFlight)) {
        inFlight++;
        socket.sendMessage(this.conversation_id, content, { client_message_id });
      }
    };
    return new Promise((resolve, reject) => {
      const stop = socket.watch((frame) => {
        if (frame.type === "ERROR") return reject(new Error(`refused: ${JSON.stringify(frame.payload)}`));
        if (frame.type !== "MESSAGE_ACK" || frame.payload.status !== "sent") return;
        if (!own.delete(frame.payload.client_message_id)) return;
        this.acks.set(frame.payload.client_message_id, frame.payload);
        inFlight--;
        onAck(this.acks.size);
        if (own.size === 0) resolve();
        else fill();
      });
      void socket.closed.then(() => resolve());
      fill();
      if (own.size === 0) resolve();
      void Promise.allSettled([socket.closed]).then(stop);
    });
  }

  /** The acks of the messages that have one, in the order in which they were sent. */
  ackedInOrder(): SentAck[] {
    return this.items.flatMap(({ client_message_id }) => this.acks.get(client_message_id) ?? []);
  }
}

/** How a message shows what was sent: to compare with `Pipeline.expected`. */
export interface Trace {
  readonly seq: number;
  readonly message_id: string;
  readonly content: string;
}

export function traceOf({ seq, message_id, content }: Message): Trace {
  return { seq, message_id, content };
}

export function bySeq(left: { readonly seq: number }, right: { readonly seq: number }): number {
  return left.seq - right.seq;
}
