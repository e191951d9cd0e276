import { type ClientSocket, Connection, ServerSocket } from "./connection.ts";
import { RequestResponsePair } from "./durable-state.ts";
import { running } from "./instance.ts";
import type { Platform } from "./platform.ts";
import type { Scheduled } from "./scheduler.ts";

const PlainResponse = globalThis.Response;

/** Node's `Response` knows no 101 and no sockets. */
class UpgradeResponse extends PlainResponse {
  constructor(body?: BodyInit | null, init?: Omit<ResponseInit, "webSocket"> & { webSocket?: ClientSocket }) {
    const { webSocket, ...rest } = init ?? {};
    super(body, { ...rest, status: rest.status === 101 ? 200 : (rest.status ?? 200) });
    Object.defineProperty(this, "webSocket", { value: webSocket ?? null });
  }
}

/**
 * Puts the platform's globals in place of Node's for the length of a run: a clock and timers that belong to the object
 * whose code is running, sockets, and a console that is part of the trace. Returns what puts everything back.
 */
export function installGlobals(platform: Platform): () => void {
  const { scheduler } = platform;
  let sockets = 0;

  class Pair {
    readonly 0: ClientSocket;
    readonly 1: ServerSocket;

    constructor() {
      const owner = running.getStore();
      const connection = new Connection(platform, `S${++sockets}@${owner?.host.label}`);
      this[0] = connection.client;
      this[1] = new ServerSocket(connection, null);
    }
  }

  const startTimer = (callback: (...args: unknown[]) => void, delay_ms = 0, ...args: unknown[]) => {
    const owner = running.getStore();
    if (!owner) return scheduler.after(delay_ms, () => callback(...args));
    if (!owner.isAlive) return { cancel: () => undefined };
    const timer = scheduler.after(delay_ms, () => {
      owner.timers.delete(timer);
      owner.touched_at = scheduler.now;
      platform.touched.add(owner.host);
      try {
        running.run(owner, () => callback(...args));
      } catch (error) {
        platform.thrown(owner.host, "a timer", error);
      }
    });
    owner.timers.add(timer);
    return timer;
  };
  const clearTimer = (timer: Scheduled | null | undefined) => {
    timer?.cancel();
    if (timer) running.getStore()?.timers.delete(timer);
  };
  const say = (level: string) => (text: unknown) => platform.logged(level, String(text));

  const restoreGlobals = replace(globalThis, {
    setTimeout: startTimer,
    clearTimeout: clearTimer,
    setInterval: () => {
      throw new Error("an interval never lets an object sleep");
    },
    Response: UpgradeResponse,
    WebSocketPair: Pair,
    WebSocketRequestResponsePair: RequestResponsePair,
  });
  const restoreClock = replace(Date, {
    now: () => scheduler.now + (running.getStore()?.skew_ms ?? 0),
  });
  const restoreConsole = replace(console, {
    debug: say("debug"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
  });
  return () => {
    restoreConsole();
    restoreClock();
    restoreGlobals();
  };
}

/** Replaces properties; returns what puts the old ones back. */
function replace(target: object, properties: Readonly<Record<string, unknown>>): () => void {
  const names = Object.keys(properties);
  const before = names.map((name) => Object.getOwnPropertyDescriptor(target, name));
  for (const name of names) {
    Object.defineProperty(target, name, { value: properties[name], configurable: true, writable: true });
  }
  return () => {
    for (const [index, name] of names.entries()) {
      const descriptor = before[index];
      if (descriptor) Object.defineProperty(target, name, descriptor);
      else Reflect.deleteProperty(target, name);
    }
  };
}
