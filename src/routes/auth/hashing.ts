import { Gate } from "../../auth/gate.ts";
import { refuse } from "../../middleware/refusal-error.ts";

/** A hash takes 16 MiB of the isolate's 128 and 100 ms of its only thread; 64 who wait are more than 6 seconds. */
const gate = new Gate({ parallel: 2, waiting: 64 });

/** Runs password hashing when its turn comes; when too many wait, the request is refused instead. */
export async function hashing<T>(work: () => Promise<T>): Promise<T> {
  const done = await gate.pass(async () => ({ value: await work() }));
  if (!done) throw refuse("unavailable");
  return done.value;
}
