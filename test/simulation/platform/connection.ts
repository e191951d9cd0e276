import { serialize } from "node:v8";
import { Channel } from "./channel.ts";
import type { Host } from "./host.ts";
import type { Instance } from "./instance.ts";
import type { Platform } from "./platform.ts";

/** The limit of the platform on what a socket remembers. */
const MAX_ATTACHMENT_BYTES = 16_384;

const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

export type Packet =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

/** Who sits at the far end of a socket. */
export interface SocketListener {
  received(text: string): void;
  closed(code: number): void;
}

/** One WebSocket, from the client's device to the object's machine. It outlives the object's memory, not its machine. */
export class Connection {
  readonly label: string;
  readonly client: ClientSocket;
  readonly #platform: Platform;
  readonly #toServer: Channel<Packet>;
  readonly #toClient: Channel<Packet>;
  #host: Host | null = null;
  #listener: SocketListener | null = null;
  attachment: unknown = null;
  tags: readonly string[] = [];
  answered_at: number | null = null;
  readyState = OPEN;
  /** Whether `getWebSockets()` names it. */
  isListed = true;
  #isCut = false;
  #clientClosed = false;

  constructor(platform: Platform, label: string) {
    const { faults, scheduler } = platform;
    this.label = label;
    this.#platform = platform;
    this.client = new ClientSocket(this);
    this.#toServer = new Channel(
      scheduler,
      true,
      () => faults.socketDelay(),
      (packet) => this.#atServer(packet),
    );
    this.#toClient = new Channel(
      scheduler,
      false,
      () => faults.socketDelay(),
      (packet) => this.#atClient(packet),
    );
  }

  accepted(host: Host): void {
    this.#host = host;
    host.connections.add(this);
  }

  listen(listener: SocketListener): void {
    this.#listener = listener;
    this.#toClient.open();
  }

  sendToServer(packet: Packet): void {
    if (packet.kind === "close") this.#clientClosed = true;
    this.#toServer.send(packet);
  }

  sendToClient(packet: Packet): void {
    this.#toClient.send(packet);
  }

  /** The network between the two is gone. Each end notices in its own time. */
  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#toServer.stop();
    this.#toClient.stop();
    const { scheduler, faults } = this.#platform;
    this.#platform.trace.note(`${this.label} is cut`);
    scheduler.after(faults.clientNoticesCut(), () => this.#loseClient());
    scheduler.after(faults.serverNoticesCut(), () => this.#atServerClose(1006, "", false));
  }

  /** The object's machine is gone, and the socket with it; what had left it still arrives. */
  dropByServer(): void {
    this.readyState = CLOSED;
    this.#host?.connections.delete(this);
    this.#host = null;
    this.#toServer.stop();
    this.#toClient.send({ kind: "close", code: 1006, reason: "" });
  }

  #atServer(packet: Packet): void {
    if (!this.#host) return;
    if (packet.kind === "close") {
      this.#atServerClose(packet.code, packet.reason, true);
    } else if (this.#platform.faults.cutsBeforeServer()) {
      this.cut();
    } else if (packet.text === this.#host.connections.autoResponse?.request) {
      this.answered_at = this.#platform.scheduler.now;
      this.sendToClient({ kind: "text", text: this.#host.connections.autoResponse.response });
    } else {
      this.#host.socketMessage(this, packet.text);
    }
  }

  #atServerClose(code: number, reason: string, wasClean: boolean): void {
    const host = this.#host;
    if (!host) return;
    this.readyState = CLOSING;
    this.isListed = host.isAwake;
    void host.socketClosed(this, code, reason, wasClean).then(() => {
      this.readyState = CLOSED;
      host.connections.delete(this);
      this.#host = null;
    });
  }

  #atClient(packet: Packet): void {
    if (packet.kind === "text") {
      if (this.#platform.faults.cutsBeforeClient()) this.cut();
      else this.#listener?.received(packet.text);
      return;
    }
    if (!this.#clientClosed && packet.code !== 1006) this.sendToServer(packet);
    const listener = this.#listener;
    this.#listener = null;
    listener?.closed(packet.code);
  }

  #loseClient(): void {
    const listener = this.#listener;
    this.#listener = null;
    listener?.closed(1006);
  }
}

/** The client's end. */
export class ClientSocket {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  listen(listener: SocketListener): void {
    this.connection.listen(listener);
  }

  send(text: string): void {
    this.connection.sendToServer({ kind: "text", text });
  }

  close(code: number): void {
    this.connection.sendToServer({ kind: "close", code, reason: "" });
  }
}

/** The object's end: a handle that lives as long as the object's memory does. */
export class ServerSocket {
  readonly connection: Connection;
  #instance: Instance | null;
  #hasClosed = false;

  constructor(connection: Connection, instance: Instance | null) {
    this.connection = connection;
    this.#instance = instance;
  }

  accept(instance: Instance, tags: readonly string[]): void {
    this.#instance = instance;
    this.connection.tags = tags;
    this.connection.accepted(instance.host);
    instance.host.connections.adopt(this, instance);
  }

  get readyState(): number {
    return this.connection.readyState;
  }

  send(text: string): void {
    if (this.readyState !== OPEN) throw new TypeError("Can't call WebSocket send() after close().");
    this.#emit({ kind: "text", text });
  }

  close(code: number, reason: string): void {
    if (code === 1005 || code === 1006) throw new TypeError("Invalid WebSocket close code.");
    if (this.#hasClosed || this.readyState === CLOSED) return;
    this.#hasClosed = true;
    this.connection.readyState = CLOSING;
    this.#emit({ kind: "close", code, reason });
  }

  serializeAttachment(value: unknown): void {
    const bytes = serialize(value).byteLength;
    if (bytes > MAX_ATTACHMENT_BYTES) throw new Error(`an attachment of ${bytes} bytes`);
    this.connection.attachment = structuredClone(value);
  }

  deserializeAttachment(): unknown {
    return structuredClone(this.connection.attachment);
  }

  #emit(packet: Packet): void {
    this.#instance?.emit(() => this.connection.sendToClient(packet));
  }
}
