import { z } from "zod";
import { HEARTBEAT_PING_TEXT } from "../../src/protocol/frames/heartbeat.ts";
import { type ServerFrame, serverFrameSchema } from "../../src/protocol/frames/server-frame.ts";
import { WireSocket } from "../client/wire-socket.ts";

/** Clients say that they are there every 30 s (docs/protocol.md §5). */
const HEARTBEAT_MS = 30_000;

/** A server that has not answered a Close after so long will not. */
const CLOSE_MS = 5_000;

const textSchema = z.union([z.array(serverFrameSchema), serverFrameSchema.transform((frame) => [frame])]);

export interface LinkListener {
  onFrame(frame: ServerFrame, now: number): void;
  /** It has ended, and not by this side. */
  onLost(code: number): void;
  /** What came is not what a server may say. */
  onNonsense(error: unknown): void;
}

/** One open socket that speaks frames. Every one of them is read by the protocol's own schema. */
export class Link {
  readonly #socket: WireSocket;
  readonly #ended: Promise<void>;
  readonly #state: { isLeaving: boolean };
  #beat_at = performance.now() + Math.random() * HEARTBEAT_MS;

  private constructor(socket: WireSocket, ended: Promise<void>, state: { isLeaving: boolean }) {
    this.#socket = socket;
    this.#ended = ended;
    this.#state = state;
  }

  static async open(url: string, listener: LinkListener): Promise<Link> {
    const state = { isLeaving: false };
    let noteEnd = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      noteEnd = resolve;
    });
    const socket = await WireSocket.open(url, {
      onText: (payload) => {
        const now = performance.now();
        try {
          for (const frame of textSchema.parse(JSON.parse(payload.toString("utf8"))))
            listener.onFrame(frame, now);
        } catch (error) {
          listener.onNonsense(error);
        }
      },
      onClose: (code) => {
        noteEnd();
        if (!state.isLeaving) listener.onLost(code);
      },
    });
    return new Link(socket, ended, state);
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  beat(now: number): void {
    if (now < this.#beat_at) return;
    this.#beat_at = now + HEARTBEAT_MS;
    this.send(HEARTBEAT_PING_TEXT);
  }

  /** In order: whatever was sent has been read when this resolves. */
  async close(): Promise<void> {
    this.#state.isLeaving = true;
    this.#socket.close();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("a Close was not answered")), CLOSE_MS);
    });
    try {
      await Promise.race([this.#ended, late]);
    } finally {
      clearTimeout(timer);
      this.#socket.cut();
    }
  }

  /** As when the network goes away. */
  cut(): void {
    this.#state.isLeaving = true;
    this.#socket.cut();
  }
}
