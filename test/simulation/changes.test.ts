import { describe, it } from "vitest";
import { expectAllToHold, expectToHold, firstSeeds } from "./holding.ts";
import { PINNED_CHANGES } from "./pinned-seeds.ts";

describe("people who edit, delete, react, pin, name each other, come, go and govern, under the same storm", () => {
  it.each(firstSeeds(350))(
    "[CONV-3] [CONV-4] [CONV-5] [SEQ-2] [DLV-1] [UNR-1] [UNR-2] hold for 25 seeds from %i on: all show what the log says",
    (first) => expectAllToHold(first, "changes"),
  );

  it.each(PINNED_CHANGES)("hold for seed %i, which failed once: %s", (seed) => expectToHold(seed, "changes"));
});
