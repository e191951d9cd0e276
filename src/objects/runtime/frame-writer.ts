import { MAX_FRAMES_PER_BATCH } from "../../protocol/frames/client-frame.ts";
import type { ServerFrame } from "../../protocol/frames/server-frame.ts";
import { cutIfTooSlow } from "./slow-reader.ts";

/** A frame as it goes over the wire. */
export type FrameText = string;

export function encodeFrame(frame: ServerFrame): FrameText {
  return JSON.stringify(frame);
}

/** Sends frames in order: in arrays where the client said `batch=1`, one by one otherwise. A dying socket is no error. */
export function sendFrames(socket: WebSocket, batch: boolean, frames: readonly FrameText[]): void {
  for (const text of batch ? inBatches(frames) : frames) sendText(socket, text);
}

/** An array ends after so many characters: clients bound what they take as one message, often at 1 MiB. */
const MAX_BATCH_CHARS = 256 * 1024;

/** Frames as messages of at most 100 each, and not too long; a single one needs no array. */
export function inBatches(frames: readonly FrameText[]): FrameText[] {
  const messages: FrameText[] = [];
  let batch: FrameText[] = [];
  let chars = 0;
  for (const frame of frames) {
    if (
      batch.length === MAX_FRAMES_PER_BATCH ||
      (batch.length > 0 && chars + frame.length > MAX_BATCH_CHARS)
    ) {
      messages.push(asMessage(batch));
      batch = [];
      chars = 0;
    }
    batch.push(frame);
    chars += frame.length;
  }
  if (batch.length > 0) messages.push(asMessage(batch));
  return messages;
}

function asMessage(batch: readonly FrameText[]): FrameText {
  const [only] = batch;
  return batch.length === 1 && only !== undefined ? only : `[${batch.join(",")}]`;
}

export function sendText(socket: WebSocket, text: FrameText): void {
  if (cutIfTooSlow(socket, Date.now())) return;
  try {
    socket.send(text);
  } catch {
    // The socket is closing; what it missed is pushed when its device returns (DLV-1).
  }
}

/** Collects what is said to each socket while one event is worked on, and says it at once when that is done. */
export class FrameWriter {
  readonly #isBatch: (socket: WebSocket) => boolean;
  readonly #frames = new Map<WebSocket, FrameText[]>();

  constructor(isBatch: (socket: WebSocket) => boolean) {
    this.#isBatch = isBatch;
  }

  write(socket: WebSocket, text: FrameText): void {
    // A microtask comes after the answers that were decided together with this one.
    if (this.#frames.size === 0) queueMicrotask(() => this.#flush());
    const frames = this.#frames.get(socket);
    if (frames) frames.push(text);
    else this.#frames.set(socket, [text]);
  }

  #flush(): void {
    const frames = [...this.#frames];
    this.#frames.clear();
    for (const [socket, texts] of frames) sendFrames(socket, this.#isBatch(socket), texts);
  }
}
