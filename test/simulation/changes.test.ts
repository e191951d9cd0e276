import { describe, expect, it } from "vitest";
import { report } from "./command.ts";
import { PINNED_CHANGES } from "./pinned-seeds.ts";
import { simulate } from "./run.ts";

const SEEDS = 400;
const PER_TEST = 25;
const FIRST_SEEDS = Array.from({ length: SEEDS / PER_TEST }, (_, index) => index * PER_TEST + 1);

async function expectToHold(seed: number): Promise<void> {
  const outcome = await simulate(seed, "changes");
  if (outcome.violations.length > 0) expect.fail(report(outcome));
}

describe("people who edit, delete, react, pin, name each other, come, go and govern, under the same storm", () => {
  it.each(FIRST_SEEDS)(
    "[CONV-3] [CONV-4] [CONV-5] [SEQ-2] [DLV-1] [UNR-1] [UNR-2] hold for 25 seeds from %i on: all show what the log says",
    async (first) => {
      for (let seed = first; seed < first + PER_TEST; seed++) await expectToHold(seed);
    },
  );

  it.each(PINNED_CHANGES)("hold for seed %i, which failed once: %s", (seed) => expectToHold(seed));
});
