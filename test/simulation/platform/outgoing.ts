import { running } from "./instance.ts";
import type { Platform } from "./platform.ts";

/** How a call ends; only the first end counts. */
export interface CallEnd<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/**
 * A call that goes out from whoever is running: held by its output gate, and keeping it awake until it ends. Whoever does
 * not live any more is not told of the end.
 */
export function callOut<T>(platform: Platform, send: (end: CallEnd<T>) => void): Promise<T> {
  const { scheduler, faults, touched } = platform;
  const caller = running.getStore() ?? null;
  if (caller) caller.calling++;
  return new Promise((resolve, reject) => {
    let hasEnded = false;
    const endOnce = (tell: () => void) => {
      if (hasEnded) return;
      hasEnded = true;
      scheduler.after(faults.callDelay(), () => {
        if (caller) {
          if (!caller.isAlive) return;
          caller.calling--;
          caller.touched_at = scheduler.now;
          touched.add(caller.host);
        }
        tell();
      });
    };
    const end = {
      resolve: (value: T) => endOnce(() => resolve(value)),
      reject: (error: Error) => endOnce(() => reject(error)),
    };
    if (caller) caller.emit(() => send(end));
    else send(end);
  });
}
