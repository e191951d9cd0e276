import { ClientSocket } from "../platform/connection.ts";
import { isTurnedAway, type Worker } from "../worker.ts";
import type { DeviceContext } from "./device.ts";

/** A request that takes longer is given up by its client. */
const REQUEST_LIMIT_MS = 15_000;

/** How a device makes its requests over HTTP. */
export class Requests {
  readonly #user_id: string;
  readonly #context: DeviceContext;

  constructor(user_id: string, context: DeviceContext) {
    this.#user_id = user_id;
    this.#context = context;
  }

  /** Asks about a conversation. */
  async ask<T>(conversation_id: string, request: (worker: Worker) => Promise<T>): Promise<T> {
    const asked_at = this.#context.platform.scheduler.now;
    try {
      return await request(this.#context.worker);
    } catch (error) {
      if (isTurnedAway(error)) this.turnedAway(conversation_id, asked_at);
      throw error;
    }
  }

  /** The answer was that there is no such conversation: its user must not have been a member all the while. */
  turnedAway(conversation_id: string, asked_at: number): void {
    const { ledger, platform } = this.#context;
    const answered_at = platform.scheduler.now;
    ledger.turnedAway.push({ user_id: this.#user_id, conversation_id, asked_at, answered_at });
  }

  /** Waits, but not for ever; a socket that opens after that is nobody's. */
  limit<T>(request: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const limit = this.#context.platform.scheduler.after(REQUEST_LIMIT_MS, () => {
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
        const { platform, random } = this.#context;
        const pause = random.between(100, 2_000);
        await new Promise<void>((resolve) => platform.scheduler.after(pause, resolve));
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
