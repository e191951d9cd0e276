import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { devicesToForget, isUseNews, type KnownDevice, USED_AT_STEP_MS } from "../../src/domain/devices.ts";

const NOW = 1_700_000_000_000;

function device(device_id: string, used_at = NOW): KnownDevice {
  return { device_id, platform: "web", used_at, known_since: 0 };
}

function forget(known: readonly KnownDevice[], used: string, connected: readonly string[], max: number) {
  return devicesToForget(known, { used, connected: new Set(connected), max });
}

describe("the devices of a user", () => {
  it("a new device, another platform and an hour since its last use are written down, and nothing else is", () => {
    expect(isUseNews(undefined, null, NOW)).toBe(true);
    expect(isUseNews(device("phone"), "ios", NOW)).toBe(true);
    expect(isUseNews(device("phone"), "web", NOW)).toBe(false);
    expect(isUseNews(device("phone"), null, NOW)).toBe(false);
    expect(isUseNews(device("phone"), "web", NOW + USED_AT_STEP_MS - 1)).toBe(false);
    expect(isUseNews(device("phone"), "web", NOW + USED_AT_STEP_MS)).toBe(true);
  });

  it("a time of use that lies far ahead, by a clock that stepped back, is corrected", () => {
    expect(isUseNews(device("phone", NOW + 1_000), null, NOW)).toBe(false);
    expect(isUseNews(device("phone", NOW + USED_AT_STEP_MS), null, NOW)).toBe(true);
  });

  it("the device unused for longest gives way first, a connected one only after all others", () => {
    const known = [
      device("new", NOW),
      device("old", NOW - 3),
      device("older", NOW - 4),
      device("mid", NOW - 2),
    ];
    expect(forget(known, "new", [], 4)).toEqual([]);
    expect(forget(known, "new", [], 3)).toEqual(["older"]);
    expect(forget(known, "new", ["older"], 3)).toEqual(["old"]);
    expect(forget(known, "new", ["older", "old"], 2)).toEqual(["mid", "older"]);
  });

  it("what is left is as many as may be, with the device that was just used", () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 12 });
    const devices = ids.chain((known) =>
      fc.record({
        known: fc.tuple(
          ...known.map((id) => fc.integer({ min: 0, max: 5 }).map((age) => device(id, NOW - age))),
        ),
        used: fc.constantFrom(...known),
        connected: fc.subarray(known),
        max: fc.integer({ min: 1, max: 14 }),
      }),
    );
    fc.assert(
      fc.property(devices, ({ known, used, connected, max }) => {
        const gone = new Set(forget(known, used, connected, max));
        expect(known.length - gone.size).toBe(Math.min(known.length, max));
        expect(gone.has(used)).toBe(false);
        const idle = known.filter(({ device_id }) => device_id !== used && !connected.includes(device_id));
        if (connected.some((id) => gone.has(id)))
          expect(idle.every(({ device_id }) => gone.has(device_id))).toBe(true);
      }),
    );
  });
});
