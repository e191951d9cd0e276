import { describe, it } from "vitest";
import { expectAllToHold, expectToHold, firstSeeds } from "./holding.ts";
import { PINNED_ASIDES } from "./pinned-seeds.ts";

describe("people who also delete messages for themselves and invite each other, under the same storm", () => {
  it.each(firstSeeds(150))(
    "[UNR-1] [UNR-2] [DLV-1] [CONV-3] hold for 25 seeds from %i on: what is hidden is so wherever its user looks",
    (first) => expectAllToHold(first, "asides"),
  );

  it.each(PINNED_ASIDES)("hold for seed %i, which failed once: %s", (seed) => expectToHold(seed, "asides"));
});
