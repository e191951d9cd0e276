import { type Connection, ServerSocket } from "./connection.ts";
import type { RequestResponsePair } from "./durable-state.ts";
import type { Instance } from "./instance.ts";

/** The sockets of one object. They stay while it hibernates; the handles to them are made anew for each waking. */
export class Connections {
  autoResponse: RequestResponsePair | null = null;
  readonly #all = new Set<Connection>();
  readonly #handles = new WeakMap<Instance, Map<Connection, ServerSocket>>();

  add(connection: Connection): void {
    this.#all.add(connection);
  }

  delete(connection: Connection): void {
    this.#all.delete(connection);
  }

  get all(): Connection[] {
    return [...this.#all];
  }

  socketsOf(instance: Instance): ServerSocket[] {
    return this.all.filter(({ isListed }) => isListed).map((connection) => this.socket(connection, instance));
  }

  socket(connection: Connection, instance: Instance): ServerSocket {
    const handles = this.#handlesOf(instance);
    let socket = handles.get(connection);
    if (!socket) {
      socket = new ServerSocket(connection, instance);
      handles.set(connection, socket);
    }
    return socket;
  }

  /** The handle with which the object accepted the socket. */
  adopt(socket: ServerSocket, instance: Instance): void {
    this.#handlesOf(instance).set(socket.connection, socket);
  }

  #handlesOf(instance: Instance): Map<Connection, ServerSocket> {
    let handles = this.#handles.get(instance);
    if (!handles) {
      handles = new Map();
      this.#handles.set(instance, handles);
    }
    return handles;
  }
}
