import { Channel } from "./channel.ts";
import type { Host } from "./host.ts";
import { Injected } from "./injected.ts";
import { running } from "./instance.ts";
import { type CallEnd, callOut } from "./outgoing.ts";
import type { Platform } from "./platform.ts";

/** A call whose answer never comes is dropped by the network at last; its caller has given up long before. */
const DROPPED_AFTER_MS = 60_000;

/** The time limit of the objects' calls (src/objects/runtime/time-limit.ts). */
const GIVEN_UP_AFTER_MS = 10_000;

/**
 * A stub: its calls arrive in the order in which they were made, those of different stubs in any. Once a call has failed
 * the stub is broken.
 */
class Stub {
  readonly #platform: Platform;
  readonly #host: Host;
  readonly #channel: Channel<() => void>;
  #isBroken = false;

  constructor(platform: Platform, host: Host) {
    this.#platform = platform;
    this.#host = host;
    this.#channel = new Channel(
      platform.scheduler,
      true,
      () => platform.faults.callDelay(),
      (arrive) => arrive(),
    );
  }

  call(method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#isBroken) return Promise.reject(new Error("this stub is broken: a call on it has failed"));
    // An upgrade's request goes to its object as it is; everything else is copied when the call is made.
    const request = method === "fetch" ? args : structuredClone(args);
    const caller = running.getStore();
    const made_at = this.#platform.scheduler.now;
    const send = ({ resolve, reject }: CallEnd<unknown>) => {
      const fail = (error: Error) => {
        this.#isBroken = true;
        reject(error);
      };
      this.#channel.send(() => {
        const isGivenUp = this.#platform.scheduler.now - made_at >= GIVEN_UP_AFTER_MS;
        if (isGivenUp || caller?.isAlive === false) this.#platform.lateCalls.push({ method, request });
        this.#arrive(method, request, { resolve, reject: fail });
      });
    };
    return callOut(this.#platform, send);
  }

  #arrive(method: string, request: readonly unknown[], end: CallEnd<unknown>): void {
    const { scheduler, faults, trace } = this.#platform;
    const fate = faults.callFate();
    if (fate !== "arrives") trace.note(`${this.#host.label} ${method} ${fate}`);
    if (fate === "is overloaded") end.reject(new Injected("the object is overloaded", { overloaded: true }));
    else if (fate === "is lost") end.reject(connectionLost());
    else if (fate === "hangs") scheduler.after(DROPPED_AFTER_MS, () => end.reject(connectionLost()));
    else this.#serve(method, request, fate === "loses its answer", end);
  }

  #serve(method: string, request: readonly unknown[], losesAnswer: boolean, end: CallEnd<unknown>): void {
    const answer = (value: unknown) => {
      if (losesAnswer) {
        this.#platform.lostAnswer(value);
        end.reject(connectionLost());
      } else end.resolve(method === "fetch" ? value : structuredClone(value));
    };
    void this.#host.call(method, request, { answer, fail: (error) => end.reject(error) });
  }
}

function connectionLost(): Error {
  return new Injected("network connection lost", { retryable: true });
}

/** A stub on which every method is a call, as on the platform; typed by whoever knows the object behind it. */
export function createStub<T extends object>(platform: Platform, host: Host): T {
  const stub = new Stub(platform, host);
  return new Proxy<T>(Object.create(null), {
    get: (_, method) =>
      typeof method === "string" && method !== "then"
        ? (...args: unknown[]) => stub.call(method, args)
        : undefined,
  });
}
