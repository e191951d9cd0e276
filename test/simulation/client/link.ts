import type { ClientFrame } from "../../../src/protocol/frames/client-frame.ts";
import { HEARTBEAT_PING_TEXT } from "../../../src/protocol/frames/heartbeat.ts";
import type { MarkAck } from "../../../src/protocol/frames/message-ack.ts";
import { type ServerFrame, serverFrameSchema } from "../../../src/protocol/frames/server-frame.ts";
import type { ClientSocket, SocketListener } from "../platform/connection.ts";
import type { Platform } from "../platform/platform.ts";
import type { Scheduled } from "../platform/scheduler.ts";
import { isToldLate } from "./late-marks.ts";

const HEARTBEAT_MS = 30_000;
/** A socket on which nothing came for so long is given up. */
const SILENCE_MS = 75_000;

/** A device's end of one socket: frames instead of text, heartbeats, and marks that must only grow (DLV-5). */
export abstract class Link implements SocketListener {
  readonly #platform: Platform;
  readonly #socket: ClientSocket;
  readonly #batch: boolean;
  /** The clock of the device, against the true one (ms): what it says of the time must not matter. */
  readonly #skew_ms: number;
  readonly #label: string;
  readonly #marks = new Map<string, number>();
  #heard_at: number;
  #heartbeat: Scheduled | null = null;
  #isOpen = true;

  constructor(platform: Platform, label: string, socket: ClientSocket, batch: boolean, skew_ms: number) {
    this.#platform = platform;
    this.#label = `${label} ${socket.connection.label}`;
    this.#socket = socket;
    this.#batch = batch;
    this.#skew_ms = skew_ms;
    this.#heard_at = platform.scheduler.now;
    platform.trace.note(`${this.#label} opens`);
  }

  /** One frame of the server. */
  protected abstract frame(frame: ServerFrame): void;

  /** The socket is gone, whoever closed it. */
  protected abstract ended(): void;

  /** To be called when the link is ready for frames. */
  protected listen(): void {
    this.#socket.listen(this);
    this.#beat();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** `isRepeatable`: now and then the frames go twice. */
  send(frames: readonly ClientFrame[], isRepeatable: boolean): void {
    if (!this.#isOpen || frames.length === 0) return;
    const timestamp = this.#platform.scheduler.now + this.#skew_ms;
    const stamped = frames.map((frame) => ({ ...frame, timestamp }));
    const isBatch = this.#batch && frames.length > 1;
    const texts = isBatch ? [JSON.stringify(stamped)] : stamped.map((frame) => JSON.stringify(frame));
    for (const text of texts) {
      this.#socket.send(text);
      if (isRepeatable && this.#platform.faults.doublesFrame()) this.#socket.send(text);
    }
  }

  /** Says goodbye as a well-behaved client does. */
  close(): void {
    if (!this.#isOpen) return;
    this.#socket.close(1000);
    this.#end(1000);
  }

  cut(): void {
    this.#socket.connection.cut();
  }

  received(text: string): void {
    if (!this.#isOpen) return;
    this.#heard_at = this.#platform.scheduler.now;
    const value: unknown = JSON.parse(text);
    for (const item of Array.isArray(value) ? value : [value]) {
      const frame = serverFrameSchema.parse(item);
      if (frame.type === "MESSAGE_ACK" && frame.payload.status !== "sent") this.#checkMark(frame.payload);
      this.#platform.trace.note(`${this.#label} < ${describe(frame)}`);
      this.frame(frame);
    }
  }

  closed(code: number): void {
    if (this.#isOpen) this.#end(code);
  }

  #end(code: number): void {
    this.#platform.trace.note(`${this.#label} is closed: ${code}`);
    this.#isOpen = false;
    this.#heartbeat?.cancel();
    this.ended();
  }

  #beat(): void {
    const { scheduler } = this.#platform;
    this.#heartbeat = scheduler.after(HEARTBEAT_MS, () => {
      if (scheduler.now - this.#heard_at > SILENCE_MS) {
        this.#socket.connection.cut();
        this.#end(1006);
        return;
      }
      this.#socket.send(HEARTBEAT_PING_TEXT);
      this.#beat();
    });
  }

  #checkMark(mark: MarkAck): void {
    const key = `${mark.conversation_id} ${mark.user_id} ${mark.status}`;
    const known = this.#marks.get(key) ?? 0;
    if (mark.seq < known && !this.#mayFall(mark)) {
      this.#platform.violated(
        "DLV-5",
        `${this.#label}: a ${mark.status} mark fell from ${known} to ${mark.seq}`,
      );
    }
    this.#marks.set(key, Math.max(known, mark.seq));
  }

  /**
   * An ack costs no row: a crash of the object that heard it, the conversation's or the user's, takes it with its socket, until
   * the device comes back and acks again. And a hand-over that
   * was given up may come after a newer one. The furthest counts (DLV-5).
   */
  #mayFall(mark: MarkAck): boolean {
    const heard = [mark.conversation_id, mark.user_id];
    const isForgotten = this.#platform.hosts.some(
      ({ name, hasCrashed }) => hasCrashed && heard.includes(name),
    );
    return (mark.status === "delivered" && isForgotten) || isToldLate(this.#platform, mark);
  }
}

function describe(frame: ServerFrame): string {
  switch (frame.type) {
    case "MESSAGE_RECEIVE":
      return `${frame.type} ${frame.payload.seq} ${frame.payload.content}`;
    case "MESSAGE_UPDATE":
      return `${frame.type} ${frame.payload.seq} ${frame.payload.change} ${frame.payload.message.seq} ${frame.payload.message.content}`;
    case "CONVERSATION_UPDATE":
      return `${frame.type} ${frame.payload.seq} ${frame.payload.change} ${frame.payload.conversation.role}`;
    case "MESSAGE_ACK":
      return `${frame.type} ${frame.payload.status} ${frame.payload.seq}`;
    case "SYNC_GAP":
      return `${frame.type} ${frame.payload.from_seq}-${frame.payload.to_seq}`;
    case "INBOX_UPDATE":
      return `${frame.type} head ${frame.payload.head_seq} read ${frame.payload.read_seq} unread ${frame.payload.unread_count}`;
    case "ERROR":
      return `${frame.type} ${frame.payload.code}`;
    default:
      return frame.type;
  }
}
