import { CLOSE } from "../../protocol/close-codes.ts";
import { type ClientFrame, parseClientFrames } from "../../protocol/frames/client-frame.ts";
import type { ServerFrame } from "../../protocol/frames/server-frame.ts";
import type { Limits } from "../../protocol/limits.ts";
import { errorFrame } from "./answers.ts";
import { RateBuckets } from "./rate-buckets.ts";
import type { SocketSession } from "./socket-session.ts";
import type { SocketSet } from "./sockets.ts";

/** So much of a text counts as a frame more: reading it takes as long. */
const CHARS_PER_FRAME = 16 * 1024;

/** What the sockets of one object bring. */
export class FrameReader<T extends SocketSession> {
  readonly #sockets: SocketSet<T>;
  readonly #max_frame_bytes: number;
  /** What each user's sockets may bring. */
  readonly #buckets: RateBuckets;
  readonly #cutOff: (session: T) => void;

  /** `cutOff` is told of each socket that is closed here. */
  constructor(sockets: SocketSet<T>, limits: Limits, cutOff: (session: T) => void) {
    this.#sockets = sockets;
    this.#max_frame_bytes = limits.max_frame_bytes;
    this.#buckets = new RateBuckets(limits.frames_burst, limits.frames_per_second);
    this.#cutOff = cutOff;
  }

  /**
   * The frames of one text that fit their schema. A bad one is answered here. Who sends more than it may is closed (4003), and
   * so is who goes on sending what does not fit (4503): an answer to each would cost as much as the frame did (LIM-1).
   */
  *read(
    socket: WebSocket,
    message: string | ArrayBuffer,
    reply: (frame: ServerFrame) => void,
  ): Generator<ClientFrame> {
    const session = this.#sockets.sender(socket);
    if (!session) return;
    const { user_id, batch } = session;
    const frames = parseClientFrames(message, { max_frame_bytes: this.#max_frame_bytes, batch });
    const cost = frames.length + Math.floor(lengthOf(message) / CHARS_PER_FRAME);
    if (this.#buckets.take(user_id, Date.now(), cost)) {
      this.#sockets.close(socket, CLOSE.too_many_frames, "too many frames; reconnect");
      this.#cutOff(session);
      return;
    }
    for (const parsed of frames) {
      if (parsed.ok) {
        yield parsed.frame;
        continue;
      }
      reply(errorFrame(parsed.refusal, parsed));
      // A newer client may speak of what this server does not know yet.
      if (parsed.refusal.code === "unknown_type") continue;
      const ended = this.#sockets.violated(socket, Date.now());
      if (!ended) continue;
      this.#cutOff(ended);
      return;
    }
  }
}

function lengthOf(message: string | ArrayBuffer): number {
  return typeof message === "string" ? message.length : message.byteLength;
}
