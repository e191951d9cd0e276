import { parseArgs } from "node:util";
import type { Scenario } from "./plan.ts";
import { type Outcome, simulate } from "./run.ts";

const SCENARIOS: readonly Scenario[] = ["messages", "changes", "asides"];

/** How much of the trace of a failed run is shown. */
const TAIL_LINES = 60;

/** `npm run simulate`: many seeds, or one with all that happened in it. Resolves to the exit code. */
export async function command(args: readonly string[]): Promise<number> {
  const options = {
    seeds: { type: "string" },
    from: { type: "string" },
    seed: { type: "string" },
    scenario: { type: "string" },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const scenarios = SCENARIOS.filter((scenario) => scenario === (values.scenario ?? scenario));
  if (scenarios.length === 0) throw new Error(`The scenarios are ${SCENARIOS.join(", ")}.`);
  if (values.seed !== undefined) return showOne(wholeNumber(values.seed), scenarios[0] ?? "messages");
  return runMany(wholeNumber(values.from ?? "1"), wholeNumber(values.seeds ?? "200"), scenarios);
}

/** A run of no seeds would find nothing, and say that all is well. */
function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`Seeds are whole numbers from 1 on, not "${text}".`);
}

async function showOne(seed: number, scenario: Scenario): Promise<number> {
  const outcome = await simulate(seed, scenario);
  console.log(outcome.trace.join("\n"));
  console.log(`\n${summaryOf(outcome)}`);
  return outcome.violations.length > 0 ? 1 : 0;
}

async function runMany(from: number, count: number, scenarios: readonly Scenario[]): Promise<number> {
  const begin = performance.now();
  const failed: number[] = [];
  let entries = 0;
  for (let seed = from; seed < from + count; seed++) {
    for (const scenario of scenarios) {
      const outcome = await simulate(seed, scenario);
      entries += outcome.entries;
      if (outcome.violations.length === 0) continue;
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
  return `${tail}\n\n${summaryOf(outcome)}\nAgain, with the whole trace: npm run simulate -- --seed ${outcome.seed} --scenario ${outcome.scenario}`;
}

function summaryOf({ seed, scenario, violations, hash, steps, entries }: Outcome): string {
  const verdict = violations.length === 0 ? "holds" : `FAILED\n${violations.join("\n")}`;
  return `seed ${seed} of ${scenario}: ${steps} steps, ${entries} entries, trace ${hash}: ${verdict}`;
}
