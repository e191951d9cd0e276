import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import WebSocket from "ws";
import type { ClientFrame } from "../../../src/protocol/frames/client-frame.ts";
import { type ServerFrame, serverFrameSchema } from "../../../src/protocol/frames/server-frame.ts";
import { UpgradeRefused } from "./upgrade-refused.ts";

export type FrameType = ServerFrame["type"];
export type FrameOf<T extends FrameType> = Extract<ServerFrame, { type: T }>;
export type MessageDraftPayload = Partial<Extract<ClientFrame, { type: "MESSAGE_SEND" }>["payload"]>;

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

interface Waiter {
  readonly wanted: (frame: ServerFrame) => boolean;
  readonly resolve: (frame: ServerFrame) => void;
  readonly reject: (error: Error) => void;
}

const DEFAULT_TIMEOUT_MS = 15_000;

/** So long the server may take to end the connection after the Close frames. workerd (2026-11-17) takes until the object sleeps. */
const CLOSE_TIMEOUT_MS = 1_000;

/**
 * A WebSocket as a test holds it. Keeps every frame that arrived; each is checked against the protocol's schema, and
 * one that does not fit fails the test run.
 */
export class TestSocket {
  /** Every frame so far, in order of arrival. */
  readonly arrivals: ServerFrame[] = [];
  /** Resolves when the socket has closed, from whichever side. */
  readonly closed: Promise<Closing>;
  /** The socket itself, for what a well-behaved client would not do: `raw.pause()`, `raw.terminate()`. */
  readonly raw: WebSocket;
  readonly #untaken: ServerFrame[] = [];
  readonly #waiters = new Set<Waiter>();
  readonly #watchers = new Set<(frame: ServerFrame) => void>();
  /** The TCP connection beneath, once the upgrade is through. */
  #stream: Socket | undefined;

  private constructor(raw: WebSocket) {
    this.raw = raw;
    raw.on("message", (data) => this.#receive(String(data)));
    raw.on("error", (error) => this.#fail(error));
    raw.once("upgrade", ({ socket }) => {
      this.#stream = socket;
    });
    this.closed = new Promise((resolve) => {
      raw.on("close", (code, reason) => {
        resolve({ code, reason: String(reason) });
        this.#fail(new Error(`the socket closed with ${code} ${reason}`));
      });
    });
  }

  /** Opens a socket. Rejects with UpgradeRefused if the server answers with anything but an upgrade. */
  static open(url: string, headers: Record<string, string> = {}): Promise<TestSocket> {
    // Missing in the types of ws.
    const options = { headers, closeTimeout: CLOSE_TIMEOUT_MS };
    const raw = new WebSocket(url, options);
    const socket = new TestSocket(raw);
    return new Promise((resolve, reject) => {
      raw.once("open", () => resolve(socket));
      raw.once("error", reject);
      raw.once("unexpected-response", async (_request, response) => {
        const { statusCode = 0, headers } = response;
        const chunks = await response.toArray();
        reject(new UpgradeRefused(statusCode, headers, Buffer.concat(chunks).toString()));
      });
    });
  }

  get isOpen(): boolean {
    return this.raw.readyState === WebSocket.OPEN;
  }

  /** Resolves when the server's Close frame has arrived, or the connection has ended. */
  async closing(timeout_ms = DEFAULT_TIMEOUT_MS): Promise<void> {
    const deadline = performance.now() + timeout_ms;
    while (this.isOpen) {
      if (performance.now() > deadline) throw new Error(`the socket is open after ${timeout_ms} ms`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** All frames of a type so far, taken or not. */
  all<T extends FrameType>(type: T): FrameOf<T>[] {
    return this.arrivals.filter((frame): frame is FrameOf<T> => frame.type === type);
  }

  /**
   * The first frame of this type, and of this kind, that no earlier call took; waits for it if need be.
   * @throws when none comes in time or the socket closes first
   */
  next<T extends FrameType>(
    type: T,
    where: (frame: FrameOf<T>) => boolean = () => true,
    timeout_ms: number = DEFAULT_TIMEOUT_MS,
  ): Promise<FrameOf<T>> {
    const wanted = (frame: ServerFrame): frame is FrameOf<T> => isType(frame, type) && where(frame);
    const found = this.#untaken.findIndex(wanted);
    if (found >= 0) return Promise.resolve(this.#untaken.splice(found, 1)[0] as FrameOf<T>);
    if (this.raw.readyState === WebSocket.CLOSED)
      return Promise.reject(new Error(`no ${type}: the socket is closed`));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        wanted,
        resolve: (frame) => settle(() => resolve(frame as FrameOf<T>)),
        reject: (error) => settle(() => reject(error)),
      };
      const timer = setTimeout(() => waiter.reject(this.#timedOut(type, timeout_ms)), timeout_ms);
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        act();
      };
      this.#waiters.add(waiter);
    });
  }

  /** Resolves when at least `count` frames of a type have arrived in all. */
  async until<T extends FrameType>(
    type: T,
    count: number,
    timeout_ms = DEFAULT_TIMEOUT_MS,
  ): Promise<FrameOf<T>[]> {
    const deadline = performance.now() + timeout_ms;
    while (this.all(type).length < count) {
      if (performance.now() > deadline) throw this.#timedOut(`${count} × ${type}`, timeout_ms);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return this.all(type);
  }

  /** Calls back with every frame that arrives from now on, until the answered function is called. */
  watch(listener: (frame: ServerFrame) => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  /** Sends several messages with one write to the TCP connection. */
  sendTogether(messages: readonly string[]): void {
    this.#stream?.cork();
    for (const message of messages) this.raw.send(message);
    this.#stream?.uncork();
  }

  /** Sends a frame, or several as one batch. */
  send(frame: ClientFrame | readonly ClientFrame[]): void {
    this.raw.send(JSON.stringify(frame));
  }

  /** Sends anything at all: broken JSON, binary. */
  sendRaw(data: string | Uint8Array): void {
    this.raw.send(data);
  }

  /** Sends a text message and answers the `client_message_id` it went with. */
  sendMessage(conversation_id: string, content: string, rest: MessageDraftPayload = {}): string {
    const client_message_id = rest.client_message_id ?? randomUUID();
    this.send({
      type: "MESSAGE_SEND",
      payload: {
        message_type: "text",
        reply_to_seq: null,
        metadata: null,
        ...rest,
        conversation_id,
        content,
        client_message_id,
      },
    });
    return client_message_id;
  }

  /** Acks everything up to `seq`. */
  ack(conversation_id: string, seq: number, status: "delivered" | "read" = "delivered"): void {
    this.send({ type: "MESSAGE_ACK", payload: { conversation_id, seq, status } });
  }

  /** The server's ack of a message this socket sent. */
  async sent(client_message_id: string, timeout_ms = DEFAULT_TIMEOUT_MS) {
    const frame = await this.next(
      "MESSAGE_ACK",
      ({ payload }) => isSent(payload, client_message_id),
      timeout_ms,
    );
    if (frame.payload.status !== "sent") throw new Error("not the ack of a message");
    return frame.payload;
  }

  /** Closes the socket as a client should, or without a code, and tells how it ended. */
  close(code?: number, reason?: string): Promise<Closing> {
    this.raw.close(code, reason);
    return this.closed;
  }

  #receive(text: string): void {
    const value: unknown = JSON.parse(text);
    for (const item of Array.isArray(value) ? value : [value]) {
      const parsed = serverFrameSchema.safeParse(item);
      if (parsed.success) {
        this.arrivals.push(parsed.data);
        this.#deliver(parsed.data);
        for (const listener of [...this.#watchers]) listener(parsed.data);
      } else {
        this.#violation(item, parsed.error.message);
      }
    }
  }

  #deliver(frame: ServerFrame): void {
    const waiter = [...this.#waiters].find(({ wanted }) => wanted(frame));
    if (waiter) waiter.resolve(frame);
    else this.#untaken.push(frame);
  }

  /** A frame that is not in the protocol: the test run fails, even if the test waits for nothing any more. */
  #violation(item: unknown, why: string): void {
    const error = new Error(
      `the server sent a frame that is not in the protocol: ${JSON.stringify(item)}\n${why}`,
    );
    this.#fail(error);
    queueMicrotask(() => {
      throw error;
    });
  }

  #fail(error: Error): void {
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }

  #timedOut(what: string, timeout_ms: number): Error {
    const last = this.arrivals.slice(-10).map((frame) => JSON.stringify(frame).slice(0, 200));
    return new Error(`no ${what} within ${timeout_ms} ms; the last frames:\n${last.join("\n") || "none"}`);
  }
}

function isType<T extends FrameType>(frame: ServerFrame, type: T): frame is FrameOf<T> {
  return frame.type === type;
}

function isSent(payload: FrameOf<"MESSAGE_ACK">["payload"], client_message_id: string): boolean {
  return payload.status === "sent" && payload.client_message_id === client_message_id;
}
