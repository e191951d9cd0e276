import { expect } from "vitest";
import { report } from "./command.ts";
import type { Scenario } from "./plan.ts";
import { simulate } from "./run.ts";

/** So many seeds are one test. */
const PER_TEST = 25;

/** The first seed of each test, for so many in all. */
export function firstSeeds(count: number): number[] {
  return Array.from({ length: count / PER_TEST }, (_, index) => index * PER_TEST + 1);
}

/** Fails with what happened, and how to see it again. */
export async function expectToHold(seed: number, scenario: Scenario): Promise<void> {
  const outcome = await simulate(seed, scenario);
  if (outcome.violations.length > 0) expect.fail(report(outcome));
}

export async function expectAllToHold(first: number, scenario: Scenario): Promise<void> {
  for (let seed = first; seed < first + PER_TEST; seed++) await expectToHold(seed, scenario);
}
