import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstSyncId, isKnownSyncId, MAX_GENERATION } from "../../src/domain/sync-id.ts";

const FIRST = firstSyncId(500_000);

describe("a sync_id", () => {
  it("[DLV-1] is known up to the present one", () => {
    expect(isKnownSyncId(0, 5)).toBe(true);
    expect(isKnownSyncId(5, 5)).toBe(true);
    expect(isKnownSyncId(6, 5)).toBe(false);
    expect(isKnownSyncId(FIRST + 100, FIRST + 100)).toBe(true);
    expect(isKnownSyncId(FIRST + 101, FIRST + 100)).toBe(false);
  });

  it("[DLV-1] of before a restore is unknown, also one that the backup holds: who names it has heard more", () => {
    for (const last_sync_id of [0, 8, 11]) expect(isKnownSyncId(last_sync_id, FIRST + 100)).toBe(false);
    expect(isKnownSyncId(FIRST + 3, firstSyncId(500_001))).toBe(false);
  });

  it("stays a safe integer", () => {
    expect(Number.isSafeInteger(firstSyncId(MAX_GENERATION + 1))).toBe(true);
  });

  it("[DLV-1] is known in a random history of changes and restores exactly if no restore came after it", () => {
    const step = fc.constantFrom("change", "restore");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let generation = 0;
        /** All states there ever were on the way to the present one since the last restore, and all others. */
        let way = [0];
        const before: number[] = [];
        for (const taken of steps) {
          if (taken === "change") way.push((way.at(-1) ?? 0) + 1);
          else {
            before.push(...way);
            way = [firstSyncId(++generation)];
          }
        }
        const present = way.at(-1) ?? 0;
        for (const sync_id of before) expect(isKnownSyncId(sync_id, present)).toBe(false);
        for (const sync_id of way) expect(isKnownSyncId(sync_id, present)).toBe(true);
      }),
    );
  });
});
