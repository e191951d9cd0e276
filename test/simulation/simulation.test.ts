import { describe, expect, it } from "vitest";
import { expectAllToHold, expectToHold, firstSeeds } from "./holding.ts";
import { PINNED_SEEDS } from "./pinned-seeds.ts";
import { simulate } from "./run.ts";

/** Of so many seeds one at least must notice a platform that breaks its promises. */
const SABOTAGED_SEEDS = 100;

describe("the objects, under a storm of faults and healed only by alarms and returning devices", () => {
  it.each(firstSeeds(200))(
    "[SEQ-1] [SEQ-2] [SEQ-3] [IDEM-1] [SEND-1] [SEND-2] [DLV-1] [DLV-5] [UNR-1] [UNR-2] hold for 25 seeds from %i on",
    (first) => expectAllToHold(first, "messages"),
  );

  it.each(PINNED_SEEDS)("hold for seed %i, which failed once: %s", (seed) => expectToHold(seed, "messages"));

  it("do the same for the same seed, whatever ids they make up", async () => {
    for (const seed of [1, 2, 3]) {
      const [once, again] = [await simulate(seed), await simulate(seed)];
      expect(again.trace).toEqual(once.trace);
      expect(again.hash).toBe(once.hash);
    }
  });

  it("do something else for another seed", async () => {
    expect((await simulate(1)).hash).not.toBe((await simulate(2)).hash);
  });

  it.each(["the gate stands open", "alarms never fire", "attachments are forgotten"] as const)(
    "do not hold where %s",
    async (sabotage) => {
      let caught = 0;
      for (let seed = 1; seed <= SABOTAGED_SEEDS && caught === 0; seed++) {
        caught += (await simulate(seed, "messages", sabotage)).violations.length;
      }
      expect(caught).toBeGreaterThan(0);
    },
  );
});
