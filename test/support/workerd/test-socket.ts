import type { ClientFrame } from "../../../src/protocol/frames/client-frame.ts";
import { type ServerFrame, serverFrameSchema } from "../../../src/protocol/frames/server-frame.ts";

export type FrameOf<T extends ServerFrame["type"]> = Extract<ServerFrame, { type: T }>;
type Sent = ClientFrame | { readonly type: string; readonly [field: string]: unknown };

/** A machine may be busy with other tests: how long something takes is not what is tested. */
const TIMEOUT_MS = 15_000;

/** One end of a WebSocket inside workerd, with everything it received, each frame checked against the protocol. */
export class TestSocket {
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (typeof data !== "string") throw new Error("the server sent a binary message");
      const value: unknown = JSON.parse(data);
      for (const frame of Array.isArray(value) ? value : [value])
        this.frames.push(serverFrameSchema.parse(frame));
    });
    this.closed = new Promise((resolve) =>
      socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason })),
    );
    socket.accept();
  }

  send(...frames: Sent[]): void {
    this.sendRaw(JSON.stringify(frames.length === 1 ? frames[0] : frames));
  }

  sendRaw(data: string | ArrayBuffer): void {
    this.#socket.send(data);
  }

  close(code = 1000): Promise<{ code: number; reason: string }> {
    this.#socket.close(code, "bye");
    return this.closed;
  }

  /** All frames of one type so far. */
  all<T extends ServerFrame["type"]>(type: T): FrameOf<T>[] {
    return this.frames.filter((frame): frame is FrameOf<T> => frame.type === type);
  }

  /** The contents of the messages received so far, in order. */
  contents(): string[] {
    return this.all("MESSAGE_RECEIVE").map(({ payload }) => payload.content);
  }

  /** Waits until a frame of this type satisfies `test`, and answers it. */
  async next<T extends ServerFrame["type"]>(
    type: T,
    test: (payload: FrameOf<T>) => boolean = () => true,
  ): Promise<FrameOf<T>> {
    const deadline = Date.now() + TIMEOUT_MS;
    for (;;) {
      const found = this.all(type).find(test);
      if (found) return found;
      if (Date.now() > deadline)
        throw new Error(`no such ${type} among ${JSON.stringify(this.frames).slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Waits until so many frames of this type have come. */
  async count<T extends ServerFrame["type"]>(type: T, count: number): Promise<FrameOf<T>[]> {
    await this.next(type, () => this.all(type).length >= count);
    return this.all(type);
  }
}
