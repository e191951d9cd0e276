import { DurableObject } from "cloudflare:workers";
import { count, countWrites, handle, holdCurrent, keepCurrentAwake } from "./meter.ts";

type Method = (this: object, ...args: unknown[]) => unknown;

/** Puts a method of our own in the place of one of an object; `around` is given the old one, ready to be called. */
function wrap(
  owner: object,
  name: string,
  around: (self: object, call: () => unknown, args: unknown[]) => unknown,
) {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== "function") throw new Error(`there is no method ${name} to meter`);
  const metered: Method = function (...args) {
    return around(this, () => Reflect.apply(original, this, args), args);
  };
  Object.defineProperty(owner, name, { value: metered, configurable: true, writable: true });
}

/** Every entry point of the objects: calls, upgrades, socket messages, alarms. */
export function meterObjects(prototypes: readonly object[]): void {
  for (let prototype of prototypes) {
    // A class and what it extends, down to the platform's own.
    for (; prototype !== DurableObject.prototype; prototype = Object.getPrototypeOf(prototype)) {
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
        if (name === "constructor" || typeof value !== "function") continue;
        wrap(prototype, name, (self, call) => {
          meterStorage(self);
          countEvent(name);
          return handle(self, call);
        });
      }
    }
  }
}

function countEvent(name: string): void {
  if (name === "webSocketMessage") count("socket_messages");
  else if (name === "alarm") count("alarms_fired");
  // The end of a socket is not billed.
  else if (name !== "webSocketClose" && name !== "webSocketError") count("object_calls");
}

let isStorageMetered = false;

/** Rows and alarms, in all objects at once: their storages share a prototype. */
function meterStorage(object: object): void {
  if (isStorageMetered) return;
  isStorageMetered = true;
  const storage = memberOf(memberOf(object, "ctx"), "storage");
  wrap(Object.getPrototypeOf(storage), "setAlarm", (_, call) => {
    count("alarms_set");
    countWrites("setAlarm", 1);
    return call();
  });
  wrap(Object.getPrototypeOf(memberOf(storage, "sql")), "exec", (_, call, [statement]) => {
    const cursor = call();
    // Rows are counted as they are read, which in this house is done before anything is awaited.
    queueMicrotask(() => {
      const written = numberIn(cursor, "rowsWritten");
      count("rows_written", written);
      countWrites(headOf(String(statement)), written);
      count("rows_read", numberIn(cursor, "rowsRead"));
    });
    return cursor;
  });
}

/** `INSERT INTO entries`, `UPDATE members`: what a statement does, and to which table. */
function headOf(statement: string): string {
  return /^\s*(\w+(?: OR \w+)?(?: INTO| FROM)? \w+)/i.exec(statement)?.[1] ?? "other";
}

function memberOf(owner: object, name: string): object {
  const member: unknown = Reflect.get(owner, name);
  if (typeof member !== "object" || member === null) throw new Error(`there is no ${name} to meter`);
  return member;
}

function numberIn(owner: unknown, name: string): number {
  const value: unknown = Reflect.get(Object(owner), name);
  if (typeof value !== "number") throw new Error(`${name} is no number`);
  return value;
}

/** Calls between objects keep the caller awake. `namespace`: any one of them; they share a prototype. */
export function meterStubs(namespace: object): void {
  wrap(Object.getPrototypeOf(namespace), "getByName", (_, call) => {
    const stub = call();
    if (typeof stub !== "object" && typeof stub !== "function") throw new Error("a namespace gave no stub");
    return new Proxy(Object(stub), {
      get: (target, method) => {
        const callee: unknown = Reflect.get(target, method);
        if (typeof callee !== "function") return callee;
        return (...args: unknown[]) => keepCurrentAwake(() => Reflect.apply(callee, target, args));
      },
    });
  });
}

const setTimer = globalThis.setTimeout;

/** Timers keep their object awake until they fire or are cleared. */
export function meterTimers(): void {
  const releases = new Map<unknown, () => void>();
  const release = (timer: unknown) => {
    releases.get(timer)?.();
    releases.delete(timer);
  };
  wrap(globalThis, "setTimeout", (self, _, [callback, ...rest]) => {
    if (typeof callback !== "function") throw new Error("a timer without a function");
    const letGo = holdCurrent();
    const fire = (...args: unknown[]) => {
      release(timer);
      Reflect.apply(callback, undefined, args);
    };
    const timer = Reflect.apply(setTimer, self, [fire, ...rest]);
    releases.set(timer, letGo);
    return timer;
  });
  wrap(globalThis, "clearTimeout", (_, call, [timer]) => {
    release(timer);
    return call();
  });
}
