import type { ServerFrame } from "../../../src/protocol/frames/server-frame.ts";
import type { ClientSocket } from "../platform/connection.ts";
import type { Platform } from "../platform/platform.ts";
import type { Device } from "./device.ts";
import { Link } from "./link.ts";

/** A device's device socket: checks that each conversation comes in order, and without a hole nobody spoke of (SEQ-2). */
export class DeviceLink extends Link {
  readonly #device: Device;
  /** By conversation: the last entry that came over this socket. */
  readonly #last = new Map<string, number>();
  /** How often the client has asked for everything once more, and how often a conversation began once more. */
  #requests = 0;
  readonly #restarts = new Map<string, number>();
  /** Up to where the device had everything when it connected, by conversation. */
  readonly #had: ReadonlyMap<string, number>;
  /** How many entries came that it had before. */
  repeated = 0;
  isSynced = false;

  constructor(platform: Platform, device: Device, socket: ClientSocket, batch: boolean) {
    super(platform, device.label, socket, batch, device.skew_ms);
    this.#device = device;
    this.#had = new Map([...device.logs].map(([id, { contiguous }]) => [id, contiguous]));
    this.listen();
  }

  requestSync(last_sync_id: number): void {
    this.#requests++;
    this.send([{ type: "SYNC_REQUEST", payload: { last_sync_id } }], false);
  }

  protected override frame(frame: ServerFrame): void {
    const device = this.#device;
    switch (frame.type) {
      case "MESSAGE_RECEIVE":
        this.#comes(frame.payload);
        device.received(frame.payload);
        break;
      case "MESSAGE_UPDATE":
        this.#comes(frame.payload);
        device.updated(frame.payload);
        break;
      case "CONVERSATION_UPDATE":
        device.comesBack(frame.payload);
        this.#comes(frame.payload);
        device.happened(frame.payload);
        break;
      case "MESSAGE_ACK":
        if (frame.payload.status === "sent") device.acknowledged(frame.payload);
        else device.sawMark(frame.payload);
        break;
      case "MESSAGE_HIDDEN":
        device.hid(frame.payload);
        this.#adopt(frame.payload.sync_id ?? 0);
        break;
      case "INBOX_UPDATE":
        device.inbox.saw(frame.payload);
        this.#adopt(frame.payload.sync_id);
        break;
      case "SYNC_GAP":
        device.gapAnnounced(frame.payload.conversation_id, frame.payload);
        break;
      case "SYNC_COMPLETE":
        if (frame.payload.reset) device.beginsAnew();
        device.last_sync_id = Math.max(device.last_sync_id, frame.payload.sync_id);
        if (!this.isSynced) device.synced();
        this.isSynced = true;
        break;
      case "ERROR":
        device.refused(frame);
        break;
    }
  }

  protected override ended(): void {
    this.#device.linkEnded(this);
  }

  /** Until everything missed has come, a newer frame says nothing about older ones. */
  #adopt(sync_id: number): void {
    if (this.isSynced) {
      this.#device.last_sync_id = Math.max(this.#device.last_sync_id, sync_id);
    }
  }

  #comes(entry: {
    readonly conversation_id: string;
    readonly seq: number;
    readonly sync_id?: number | undefined;
  }) {
    const { conversation_id, seq, sync_id = 0 } = entry;
    // Of what the device never heard of before nothing is missing, unless it is its own.
    const log = this.#device.log(conversation_id);
    if (log.isUnheardOf && this.#device.ownUnknown(conversation_id) === 0) log.restart(seq - 1);
    if (seq <= (this.#had.get(conversation_id) ?? 0)) this.repeated++;
    this.#checkOrder(conversation_id, seq);
    this.#adopt(sync_id);
  }

  #checkOrder(conversation_id: string, seq: number): void {
    const last = this.#last.get(conversation_id) ?? 0;
    this.#last.set(conversation_id, seq);
    const restarts = (this.#restarts.get(conversation_id) ?? 0) + (seq <= last ? 1 : 0);
    this.#restarts.set(conversation_id, restarts);
    if (restarts > this.#requests) {
      this.#device.violated("SEQ-2", `${seq} came after ${last} on one socket`);
    }
    const holes = this.#device.log(conversation_id).holesBefore(seq);
    const explained = this.#device.ownUnknown(conversation_id);
    if (holes.length > explained) {
      this.#device.violated("SEQ-2", `${seq} came, ${holes.join(", ")} did not, and nothing was announced`);
    }
    if (holes.length > 0) this.#device.missing(conversation_id, { from_seq: 1, to_seq: seq - 1 });
  }
}
