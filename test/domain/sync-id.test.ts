import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  enterGeneration,
  FIRST_GENERATION,
  firstSyncId,
  type Generation,
  isKnownSyncId,
  MAX_GENERATION,
} from "../../src/domain/sync-id.ts";

const RESTORED = enterGeneration(FIRST_GENERATION, 500_000, 8);
const FIRST = firstSyncId(500_000);

describe("a sync_id", () => {
  it("[DLV-1] is known up to the present one", () => {
    expect(isKnownSyncId(0, FIRST_GENERATION, 5)).toBe(true);
    expect(isKnownSyncId(5, FIRST_GENERATION, 5)).toBe(true);
    expect(isKnownSyncId(6, FIRST_GENERATION, 5)).toBe(false);
  });

  it("[DLV-1] that was seen after the backup is unknown once it is restored, however much has come since", () => {
    const now = FIRST + 100;
    expect(isKnownSyncId(8, RESTORED, now)).toBe(true);
    expect(isKnownSyncId(11, RESTORED, now)).toBe(false);
    expect(isKnownSyncId(FIRST + 100, RESTORED, now)).toBe(true);
    expect(isKnownSyncId(FIRST + 101, RESTORED, now)).toBe(false);
  });

  it("[DLV-1] of a generation that another restore ended is unknown", () => {
    const again = enterGeneration(RESTORED, 500_001, FIRST + 3);
    const now = firstSyncId(500_001);
    expect(isKnownSyncId(FIRST + 3, again, now)).toBe(true);
    expect(isKnownSyncId(FIRST + 4, again, now)).toBe(false);
    expect(isKnownSyncId(8, again, now)).toBe(false);
  });

  it("never goes back to an older generation, and stays a safe integer", () => {
    expect(enterGeneration(RESTORED, 499_999, FIRST + 3)).toBe(RESTORED);
    expect(Number.isSafeInteger(firstSyncId(MAX_GENERATION + 1))).toBe(true);
  });

  it("[DLV-1] is known in a random history of changes and restores exactly if it lies on the way to the present", () => {
    const step = fc.oneof(fc.constant("change" as const), fc.nat({ max: 20 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let generation: Generation = FIRST_GENERATION;
        let next = 1;
        /** All states there ever were on the way to the present one, the oldest first; and those that were lost. */
        let way = [{ sync_id: 0, generation }];
        const lost: number[] = [];
        for (const taken of steps) {
          const present = way.at(-1) ?? { sync_id: 0, generation };
          if (taken === "change") way.push({ sync_id: present.sync_id + 1, generation });
          else {
            const kept = way[Math.max(0, way.length - 1 - taken)] ?? present;
            lost.push(...way.slice(way.indexOf(kept) + 1).map(({ sync_id }) => sync_id));
            way = way.slice(0, way.indexOf(kept) + 1);
            generation = enterGeneration(kept.generation, next++, kept.sync_id);
            way.push({ sync_id: firstSyncId(generation.generation), generation });
          }
        }
        const present = way.at(-1)?.sync_id ?? 0;
        for (const sync_id of lost) expect(isKnownSyncId(sync_id, generation, present)).toBe(false);
        // Who was away through a whole generation may be told to begin anew though it need not.
        const recent = way.filter((state) => state.generation === generation);
        for (const { sync_id } of recent) expect(isKnownSyncId(sync_id, generation, present)).toBe(true);
      }),
    );
  });
});
