import type { ServerFrame } from "../../../src/protocol/frames/server-frame.ts";
import type { ClientSocket } from "../platform/connection.ts";
import type { Platform } from "../platform/platform.ts";
import type { Device } from "./device.ts";
import { Link } from "./link.ts";

/** A device's conversation socket: every entry after the greeting comes, in order, the own ones as acks (SEQ-2). */
export class ConversationLink extends Link {
  readonly #device: Device;
  readonly #conversation_id: string;
  #head_seq: number | null = null;

  constructor(
    platform: Platform,
    device: Device,
    socket: ClientSocket,
    batch: boolean,
    conversation_id: string,
  ) {
    super(platform, device.label, socket, batch, device.skew_ms);
    this.#device = device;
    this.#conversation_id = conversation_id;
    this.listen();
  }

  protected override frame(frame: ServerFrame): void {
    switch (frame.type) {
      case "CONNECTED":
        this.#head_seq = frame.payload.head_seq ?? null;
        break;
      case "MESSAGE_RECEIVE":
        this.#comes(frame.payload.seq);
        this.#device.received(frame.payload);
        break;
      case "MESSAGE_UPDATE":
        this.#comes(frame.payload.seq);
        this.#device.updated(frame.payload);
        break;
      case "CONVERSATION_UPDATE":
        this.#comes(frame.payload.seq);
        this.#device.happened(frame.payload);
        break;
      case "MESSAGE_ACK":
        if (frame.payload.status === "sent") {
          if (!frame.payload.duplicate) this.#comes(frame.payload.seq);
          this.#device.acknowledged(frame.payload);
        } else this.#device.sawMark(frame.payload);
        break;
      case "MESSAGE_HIDDEN":
        this.#device.hid(frame.payload);
        break;
      case "ERROR":
        this.#device.refused(frame);
        break;
    }
  }

  protected override ended(): void {
    this.#device.linkEnded(this);
  }

  #comes(seq: number): void {
    if (this.#head_seq === null || seq !== this.#head_seq + 1) {
      this.#device.violated("SEQ-2", `${seq} came after ${this.#head_seq} in ${this.#conversation_id}`);
    }
    this.#head_seq = seq;
  }
}
