import { AsyncLocalStorage } from "node:async_hooks";
import type { MeterReading } from "./meter-reading.ts";

type Counter = Exclude<keyof MeterReading, "awake_ms" | "rows_written_by">;

const totals: Record<Counter, number> = {
  rows_written: 0,
  rows_read: 0,
  alarms_set: 0,
  object_calls: 0,
  alarms_fired: 0,
  socket_messages: 0,
  wakings: 0,
};
const rows_written_by = new Map<string, number>();
let awake_ms = 0;

/** Counts what the platform bills, in all objects of this isolate: locally they share one. */
export function count(counter: Counter, amount = 1): void {
  totals[counter] += amount;
}

export function countWrites(statement: string, rows: number): void {
  if (rows > 0) rows_written_by.set(statement, (rows_written_by.get(statement) ?? 0) + rows);
}

export function readMeter(): MeterReading {
  return { ...totals, awake_ms, rows_written_by: Object.fromEntries(rows_written_by) };
}

/** How long one object is at work: while an event of it is handled, or it waits for a timer or for a call of its own. */
class Wakefulness {
  #reasons = 0;
  #since = 0;

  begin(): void {
    if (this.#reasons++ === 0) this.#since = performance.now();
  }

  end(): void {
    if (--this.#reasons === 0) awake_ms += performance.now() - this.#since;
  }
}

const wakefulness = new WeakMap<object, Wakefulness>();
/** Whose event is being handled; timers and calls begun by it keep that object awake. */
const current = new AsyncLocalStorage<Wakefulness>();

/** Handles an event of an object, which is awake for so long. */
export function handle<T>(object: object, work: () => T): T {
  let wake = wakefulness.get(object);
  if (!wake) {
    wake = new Wakefulness();
    wakefulness.set(object, wake);
    count("wakings");
  }
  const known = wake;
  return keepAwake(known, () => current.run(known, work));
}

/** A call to another object: the object that began it is awake until it ends. */
export function keepCurrentAwake<T>(work: () => T): T {
  const wake = current.getStore();
  return wake ? keepAwake(wake, work) : work();
}

/** The object whose event is being handled is awake until the returned function is called. */
export function holdCurrent(): () => void {
  const wake = current.getStore();
  wake?.begin();
  return () => wake?.end();
}

function keepAwake<T>(wake: Wakefulness, work: () => T): T {
  wake.begin();
  let result: T;
  try {
    result = work();
  } catch (error) {
    wake.end();
    throw error;
  }
  if (isPromiseLike(result)) {
    const ended = () => wake.end();
    result.then(ended, ended);
  } else wake.end();
  return result;
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
