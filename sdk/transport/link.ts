import type { ClientFrame } from "../../src/protocol/frames/client-frame.ts";
import { MAX_FRAMES_PER_BATCH } from "../../src/protocol/frames/client-frame.ts";
import { HEARTBEAT_PING_TEXT } from "../../src/protocol/frames/heartbeat.ts";
import type { Cancel, Environment, SocketLike } from "../environment.ts";
import { type IncomingFrame, parseServerFrames } from "../wire/server-frame.ts";

/** So long a new socket may take to say `CONNECTED`. */
const GREETING_MS = 15_000;
/** So long an answer to a heartbeat may take. */
const PONG_MS = 15_000;
/** On a hint that the network has changed, an answer that takes longer means that the socket is dead. */
const PROBE_MS = 5_000;
/** What the close event would say of a connection that simply broke. */
const BROKEN = 1006;

export interface LinkHandlers {
  /** All frames of one message, in order. */
  readonly frames: (frames: readonly IncomingFrame[]) => void;
  /** The socket said something that is not in the protocol. */
  readonly fault: (what: string) => void;
  /** It is gone, whoever ended it; called once. */
  readonly ended: (code: number) => void;
}

/** One socket: frames instead of text, heartbeats, and an end that comes for sure. */
export class Link {
  readonly #environment: Environment;
  readonly #handlers: LinkHandlers;
  readonly #socket: SocketLike;
  #isOpen = true;
  #isGreeted = false;
  #cancelHeartbeat: Cancel = () => undefined;
  #cancelDeadline: Cancel;

  constructor(environment: Environment, url: string, handlers: LinkHandlers) {
    this.#environment = environment;
    this.#handlers = handlers;
    this.#socket = environment.openSocket(url);
    this.#cancelDeadline = environment.setTimer(() => this.#breakOff(), GREETING_MS);
    this.#socket.addEventListener("message", ({ data }) => this.#receive(data));
    this.#socket.addEventListener("close", ({ code }) => this.#end(code));
    // A close event follows, and says more.
    this.#socket.addEventListener("error", () => undefined);
  }

  /** The server has greeted, and nobody has closed. */
  get isReady(): boolean {
    return this.#isOpen && this.#isGreeted;
  }

  send(frames: readonly ClientFrame[]): void {
    if (!this.isReady) return;
    for (let begin = 0; begin < frames.length; begin += MAX_FRAMES_PER_BATCH) {
      const batch = frames.slice(begin, begin + MAX_FRAMES_PER_BATCH);
      this.#write(JSON.stringify(batch.length === 1 ? batch[0] : batch));
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    closeQuietly(this.#socket);
    this.#end(1000);
  }

  /** Asks whether anybody is there, and ends the socket if nobody answers soon. */
  probe(): void {
    if (this.isReady) this.#ping(PROBE_MS);
  }

  #receive(data: unknown): void {
    if (!this.#isOpen) return;
    // Whatever comes proves that the socket lives.
    if (this.#isGreeted) this.#cancelDeadline();
    const { frames, faults } = parseServerFrames(data);
    for (const frame of frames)
      if (frame.type === "CONNECTED") this.#greeted(frame.payload.heartbeat_interval_ms);
    for (const fault of faults) this.#handlers.fault(fault);
    if (frames.length > 0) this.#handlers.frames(frames);
  }

  #greeted(heartbeat_interval_ms: number): void {
    this.#isGreeted = true;
    this.#cancelDeadline();
    this.#cancelHeartbeat();
    this.#beatAfter(heartbeat_interval_ms);
  }

  #beatAfter(interval_ms: number): void {
    this.#cancelHeartbeat = this.#environment.setTimer(() => {
      this.#ping(Math.min(PONG_MS, interval_ms));
      this.#beatAfter(interval_ms);
    }, interval_ms);
  }

  #ping(answer_ms: number): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.#environment.setTimer(() => this.#breakOff(), answer_ms);
    this.#write(HEARTBEAT_PING_TEXT);
  }

  #write(text: string): void {
    try {
      this.#socket.send(text);
    } catch {
      this.#breakOff();
    }
  }

  /** A dead peer answers no Close frame: the end is declared here. */
  #breakOff(): void {
    if (!this.#isOpen) return;
    closeQuietly(this.#socket);
    this.#end(BROKEN);
  }

  #end(code: number): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#cancelHeartbeat();
    this.#cancelDeadline();
    this.#handlers.ended(code);
  }
}

function closeQuietly(socket: SocketLike): void {
  try {
    socket.close(1000);
  } catch {
    // It was closing, or never opened.
  }
}
