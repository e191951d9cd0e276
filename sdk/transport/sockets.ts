import type { Platform } from "../../src/protocol/session.ts";
import type { Cancel, Environment } from "../environment.ts";
import type { Api } from "../http/api.ts";
import type { SendingWay } from "../outbox/sender.ts";
import type { IncomingFrame } from "../wire/server-frame.ts";
import { Connection, type ConnectionState } from "./connection.ts";

export interface SocketsContext {
  readonly environment: Environment;
  readonly api: Pick<Api, "connect">;
  readonly refresh: () => Promise<unknown>;
  readonly device_id: string | null;
  readonly platform: Platform | null;
  /** What the device's socket is to go on from. */
  readonly last_sync_id: () => number | null;
  readonly deviceFrames: (frames: readonly IncomingFrame[]) => void;
  readonly conversationFrames: (frames: readonly IncomingFrame[]) => void;
  readonly deviceChanged: (state: ConnectionState) => void;
  readonly conversationChanged: () => void;
  readonly fault: (what: string) => void;
}

/** The sockets of one device: its own, and one for each conversation that is open (docs/protocol.md §3). */
export class Sockets {
  readonly device: Connection;
  readonly #context: SocketsContext;
  readonly #conversations = new Map<string, Connection>();
  #cancelHints: Cancel = () => undefined;

  constructor(context: SocketsContext) {
    const { environment, refresh, fault, deviceFrames } = context;
    this.#context = context;
    this.device = new Connection(environment, {
      address: () => this.#address(null),
      refresh,
      fault,
      frames: deviceFrames,
      changed: (state) => this.#deviceChanged(state),
    });
  }

  start(): void {
    this.#cancelHints();
    this.#cancelHints = this.#context.environment.onNetworkChange((isOnline) => {
      for (const connection of this.#all()) connection.hint(isOnline);
    });
    for (const connection of this.#all()) connection.start();
  }

  stop(): void {
    this.#cancelHints();
    for (const connection of this.#all()) connection.stop();
  }

  /** Opens the shortest path to a conversation; at the next start, if nothing is to be open now. */
  open(conversation_id: string): void {
    if (this.#conversations.has(conversation_id)) return;
    const { environment, refresh, fault, conversationFrames, conversationChanged } = this.#context;
    const connection = new Connection(environment, {
      address: () => this.#address(conversation_id),
      refresh,
      fault,
      frames: conversationFrames,
      changed: conversationChanged,
    });
    this.#conversations.set(conversation_id, connection);
    if (!this.device.isAtRest) connection.start();
  }

  close(conversation_id: string): void {
    this.#conversations.get(conversation_id)?.stop();
    this.#conversations.delete(conversation_id);
  }

  /** The device's own way to the server, or null while there is none. */
  deviceWay(): SendingWay | null {
    return wayOver(this.device);
  }

  /** The shortest way to a conversation that there is. */
  wayTo(conversation_id: string): SendingWay | null {
    const connection = this.#conversations.get(conversation_id);
    return (connection && wayOver(connection)) ?? this.deviceWay();
  }

  isAlive(socket: object): boolean {
    return this.#all().some((connection) => connection.isConnected && connection.socket === socket);
  }

  /** A device that the server wants no more of, as when another window has replaced it, has no business in conversations either. */
  #deviceChanged(state: ConnectionState): void {
    if (state.phase === "stopped") for (const connection of this.#conversations.values()) connection.stop();
    this.#context.deviceChanged(state);
  }

  #all(): Connection[] {
    return [this.device, ...this.#conversations.values()];
  }

  async #address(conversation_id: string | null): Promise<string> {
    const { api, device_id, platform, last_sync_id } = this.#context;
    const { ws_url, ticket } = await api.connect();
    const query = new URLSearchParams({ ticket, batch: "1" });
    if (device_id !== null) query.set("device_id", device_id);
    if (platform !== null) query.set("platform", platform);
    const position = conversation_id === null ? last_sync_id() : null;
    if (position !== null) query.set("last_sync_id", String(position));
    return `${ws_url}${conversation_id === null ? "" : `/conversations/${conversation_id}`}?${query}`;
  }
}

function wayOver(connection: Connection): SendingWay | null {
  const { socket } = connection;
  return connection.isConnected && socket ? { socket, send: (frames) => connection.send(frames) } : null;
}
