import { parseArgs } from "node:util";
import { type Outcome, simulate } from "./run.ts";

/** How much of the trace of a failed run is shown. */
const TAIL_LINES = 60;

/** `npm run simulate`: many seeds, or one with all that happened in it. Resolves to the exit code. */
export async function command(args: readonly string[]): Promise<number> {
  const options = { seeds: { type: "string" }, from: { type: "string" }, seed: { type: "string" } } as const;
  const { values } = parseArgs({ args: [...args], options });
  if (values.seed !== undefined) return showOne(Number(values.seed));
  return runMany(Number(values.from ?? 1), Number(values.seeds ?? 200));
}

async function showOne(seed: number): Promise<number> {
  const outcome = await simulate(seed);
  console.log(outcome.trace.join("\n"));
  console.log(`\n${summaryOf(outcome)}`);
  return outcome.violations.length > 0 ? 1 : 0;
}

async function runMany(from: number, count: number): Promise<number> {
  const begin = performance.now();
  const failed: number[] = [];
  let entries = 0;
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await simulate(seed);
    entries += outcome.entries;
    if (outcome.violations.length > 0) {
      failed.push(seed);
      console.log(`\n${report(outcome)}\n`);
    }
    const done = seed - from + 1;
    if (done % 100 === 0 || done === count) {
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      console.log(`${done} of ${count} seeds, ${failed.length} failed, ${entries} entries, ${seconds} s`);
    }
  }
  return failed.length > 0 ? 1 : 0;
}

/** A failure: what was violated, how it came about, and how to see it again. */
export function report(outcome: Outcome): string {
  const tail = outcome.trace.slice(-TAIL_LINES).join("\n");
  return `${tail}\n\n${summaryOf(outcome)}\nAgain, with the whole trace: npm run simulate -- --seed ${outcome.seed}`;
}

function summaryOf({ seed, violations, hash, steps, entries }: Outcome): string {
  const verdict = violations.length === 0 ? "holds" : `FAILED\n${violations.join("\n")}`;
  return `seed ${seed}: ${steps} steps, ${entries} entries, trace ${hash}: ${verdict}`;
}
