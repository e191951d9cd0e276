import type { ServerSocket } from "./connection.ts";
import type { Instance } from "./instance.ts";

/** The two exact texts of an automatic answer. */
export class RequestResponsePair {
  readonly request: string;
  readonly response: string;

  constructor(request: string, response: string) {
    this.request = request;
    this.response = response;
  }
}

/** What the platform hands to an object's constructor: as much of `DurableObjectState` as the objects use. */
export class DurableState {
  readonly id: { readonly name: string; toString(): string };
  readonly storage: DurableStorage;
  readonly #instance: Instance;

  constructor(instance: Instance, name: string) {
    this.#instance = instance;
    this.id = { name, toString: () => name };
    this.storage = new DurableStorage(instance);
  }

  blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T> {
    const result = work();
    this.#instance.block(result);
    return result;
  }

  waitUntil(work: Promise<unknown>): void {
    this.#instance.handling++;
    const ended = () => {
      this.#instance.handling--;
    };
    work.then(ended, ended);
  }

  acceptWebSocket(socket: ServerSocket, tags: readonly string[] = []): void {
    socket.accept(this.#instance, tags);
  }

  getWebSockets(tag?: string): ServerSocket[] {
    const sockets = this.#instance.host.connections.socketsOf(this.#instance);
    return tag === undefined ? sockets : sockets.filter(({ connection }) => connection.tags.includes(tag));
  }

  setWebSocketAutoResponse(pair?: RequestResponsePair): void {
    this.#instance.host.connections.autoResponse = pair ?? null;
  }

  getWebSocketAutoResponseTimestamp(socket: ServerSocket): Date | null {
    const { answered_at } = socket.connection;
    return answered_at === null ? null : new Date(answered_at);
  }
}

/** As much of `DurableObjectStorage` as the objects use. Nobody but a living object may touch it. */
class DurableStorage {
  readonly #instance: Instance;
  readonly sql: { exec(query: string, ...bindings: unknown[]): unknown };

  constructor(instance: Instance) {
    this.#instance = instance;
    this.sql = { exec: (query, ...bindings) => this.#storage().sql.exec(query, ...bindings) };
  }

  transactionSync<T>(closure: () => T): T {
    return this.#storage().sql.transaction(closure);
  }

  async getAlarm(): Promise<number | null> {
    return this.#storage().alarm.current;
  }

  /** Refuses what is no time, as workerd does (2026-11-17): by its promise, not by a throw. */
  async setAlarm(time: number | Date): Promise<void> {
    if (!(Number.isFinite(Number(time)) && Number(time) > 0))
      throw new TypeError(`no time for an alarm: ${time}`);
    this.#storage().setAlarm(Number(time));
  }

  async deleteAlarm(): Promise<void> {
    this.#storage().setAlarm(null);
  }

  #storage() {
    if (!this.#instance.isAlive) throw new Error("an object that has ended touched its storage");
    return this.#instance.host.storage;
  }
}
