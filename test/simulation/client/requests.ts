import { ClientSocket } from "../platform/connection.ts";
import type { Scheduler } from "../platform/scheduler.ts";
import type { Random } from "../random.ts";

/** A request that takes longer is given up by its client. */
const REQUEST_LIMIT_MS = 15_000;

/** How a device makes its requests over HTTP. */
export class Requests {
  readonly #scheduler: Scheduler;
  readonly #random: Random;

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler;
    this.#random = random;
  }

  /** Waits, but not for ever; a socket that opens after that is nobody's. */
  limit<T>(request: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const limit = this.#scheduler.after(REQUEST_LIMIT_MS, () => {
        isLate = true;
        reject(new Error("the client gave up"));
      });
      request.then(
        (value) => {
          limit.cancel();
          if (isLate) cutSocket(value);
          else resolve(value);
        },
        (error) => {
          limit.cancel();
          reject(error);
        },
      );
    });
  }

  /** Tries until it succeeds. */
  async persist<T>(request: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.limit(request());
      } catch {
        const pause = this.#random.between(100, 2_000);
        await new Promise<void>((resolve) => this.#scheduler.after(pause, resolve));
      }
    }
  }
}

/** What a person asked for once; it asks again or does not. */
export function ignoreFailure(request: Promise<unknown>): void {
  request.catch(() => undefined);
}

function cutSocket(value: unknown): void {
  if (value instanceof ClientSocket) value.connection.cut();
}
