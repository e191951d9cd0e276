import type { Cancel, ConnectionSnapshot, Observable } from "../../../sdk/index.ts";

/** Whoever was away for long is not told of everything. */
const MAX_WAITING = 200;

/**
 * Passes on what comes once everything that was missed has come, at once or later. A connection brings the missed messages first and
 * after them the rows, which say what was read elsewhere and what is muted.
 */
export function onceSynced<T>(
  connection: Observable<ConnectionSnapshot>,
  pass: (value: T) => void,
): { readonly take: (value: T) => void; readonly cancel: Cancel } {
  const waiting: T[] = [];
  const passAll = () => {
    if (connection.getSnapshot().isSynced) for (const value of waiting.splice(0)) pass(value);
  };
  // The last rows are taken in the same breath, and right after it is told.
  const unsubscribe = connection.subscribe(() => queueMicrotask(passAll));
  return {
    take: (value) => {
      waiting.push(value);
      if (waiting.length > MAX_WAITING) waiting.shift();
      passAll();
    },
    cancel: () => {
      unsubscribe();
      waiting.length = 0;
    },
  };
}
