import { setTimeout as sleep } from "node:timers/promises";
import { NumberLog } from "./number-log.ts";
import { type Spread, spreadOf } from "./percentiles.ts";
import { WireSocket } from "./wire-socket.ts";
import { within } from "./within.ts";

/** The last that a device socket is told on connecting: it has everything that it missed. */
const READY = '"type":"SYNC_COMPLETE"';

/**
 * An attempt that has not succeeded after so long has failed. Long, as browsers are: whoever gives up soon comes again, and
 * the server still answers the attempt that nobody waits for.
 */
const ATTEMPT_MS = 60_000;

/** Who is not back after so long is given up. */
const REOPEN_MS = 120_000;

/** How it went to open many. */
export interface Opening {
  readonly seconds: number;
  readonly connect_ms: Spread;
  /** Attempts that failed and were made again. */
  readonly retries: number;
  readonly client_cpu: number;
}

/** Device sockets that are opened and then kept. */
export class Connections {
  readonly #sockets = new Set<WireSocket>();
  /** Sockets that were closed although nobody asked for it. */
  dropped = 0;
  #isEnding = false;

  /** Opens one for each URL, so many at a time; resolves when all are in sync. */
  async openAll(urls: readonly string[], parallel: number): Promise<Opening> {
    const waiting = urls.values();
    return this.#measure(async (connected) => {
      const connector = async () => {
        for (const url of waiting) connected.push(await this.#open(url));
      };
      await Promise.all(Array.from({ length: parallel }, connector));
      return 0;
    });
  }

  /** Opens all as clients do that have lost their server (docs/protocol.md §5): backoff 1, 2, 4, … s with full jitter. */
  async reopenAll(urls: readonly string[]): Promise<Opening> {
    return this.#measure(async (connected) => {
      let retries = 0;
      const reopen = async (url: string) => {
        const begun_at = performance.now();
        const isInTime = () => performance.now() - begun_at < REOPEN_MS;
        for (let backoff_ms = 1_000; isInTime(); backoff_ms = Math.min(30_000, backoff_ms * 2)) {
          await sleep(Math.random() * backoff_ms);
          try {
            await this.#open(url);
            connected.push(performance.now() - begun_at);
            return;
          } catch {
            retries++;
          }
        }
      };
      await Promise.all(urls.map(reopen));
      return retries;
    });
  }

  /** Sends every socket's client a text. */
  sendAll(text: string): void {
    for (const socket of this.#sockets) socket.send(text);
  }

  async closeAll(): Promise<void> {
    this.#isEnding = true;
    for (const socket of this.#sockets) socket.cut();
    this.#sockets.clear();
    await sleep(100);
  }

  async #measure(work: (connected: NumberLog) => Promise<number>): Promise<Opening> {
    this.#isEnding = false;
    const connected = new NumberLog();
    const begun_at = performance.now();
    const cpu = process.cpuUsage();
    const retries = await work(connected);
    const elapsed_ms = performance.now() - begun_at;
    const { user, system } = process.cpuUsage(cpu);
    return {
      seconds: elapsed_ms / 1000,
      connect_ms: spreadOf(connected.values()),
      retries,
      client_cpu: (user + system) / 1000 / elapsed_ms,
    };
  }

  /** Resolves to how long it took, in ms. */
  async #open(url: string): Promise<number> {
    const begun_at = performance.now();
    let opened: WireSocket | null = null;
    let isLate = false;
    const ready = new Promise<void>((resolve, reject) => {
      const onText = (payload: Buffer) => {
        if (payload.includes(READY)) resolve();
      };
      const onClose = (code: number) => {
        if (!this.#isEnding) this.dropped++;
        reject(new Error(`closed with ${code}`));
      };
      const opening = WireSocket.open(url, { onText, onClose });
      opening.then((socket) => {
        opened = socket;
        if (isLate) socket.cut();
        else this.#sockets.add(socket);
      }, reject);
    });
    try {
      await within(ATTEMPT_MS, "connecting", ready);
      return performance.now() - begun_at;
    } catch (error) {
      isLate = true;
      this.#forget(opened);
      throw error;
    }
  }

  #forget(socket: WireSocket | null): void {
    if (!socket) return;
    this.#sockets.delete(socket);
    socket.cut();
  }
}
