import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DevicePresence, isStale, nextStaleLook, statusOf } from "../../src/domain/presence.ts";

const TIMEOUT = 90_000;
const NOW = 1_700_000_000_000;

const alive = fc.record({
  heard_at: fc.integer({ min: NOW - TIMEOUT, max: NOW + 5_000 }),
  active_at: fc.constant(NOW),
  status: fc.constantFrom("online" as const, "away" as const, "busy" as const),
});
const dead = alive.map((device) => ({ ...device, heard_at: device.heard_at - 2 * TIMEOUT }));

function device(status: DevicePresence["status"], silent_ms = 0, idle_ms = 0): DevicePresence {
  return { heard_at: NOW - silent_ms, active_at: NOW - idle_ms, status };
}

function statusNow(...devices: DevicePresence[]) {
  return statusOf(devices, NOW, TIMEOUT);
}

describe("presence", () => {
  it("[PRES-1] a device counts as connected up to 90 s after its last heartbeat, and not a millisecond longer", () => {
    expect(isStale(NOW - TIMEOUT, NOW, TIMEOUT)).toBe(false);
    expect(isStale(NOW - TIMEOUT - 1, NOW, TIMEOUT)).toBe(true);
    expect(statusNow(device("online", TIMEOUT))).toBe("online");
    expect(statusNow(device("online", TIMEOUT + 1))).toBe("offline");
  });

  it("[PRES-1] a device that was heard of in the future, by a clock that steps back, is connected", () => {
    expect(isStale(NOW + 1, NOW, TIMEOUT)).toBe(false);
  });

  it("[PRES-1] offline without a living device", () => {
    expect(statusNow()).toBe("offline");
    fc.assert(
      fc.property(fc.array(dead), (devices) => {
        expect(statusNow(...devices)).toBe("offline");
      }),
    );
  });

  it("[PRES-1] away only if all living devices say so", () => {
    expect(statusNow(device("away"), device("away"))).toBe("away");
    expect(statusNow(device("away"), device("online"))).toBe("online");
    expect(statusNow(device("away"), device("online", TIMEOUT + 1))).toBe("away");
  });

  it("[PRES-1] away when all living devices have been idle for 5 minutes", () => {
    const idle = 5 * 60_000;
    expect(statusNow(device("online", 0, idle), device("away"))).toBe("away");
    expect(statusNow(device("online", 0, idle - 1), device("away"))).toBe("online");
  });

  it("[PRES-1] busy if one living device says so", () => {
    expect(statusNow(device("online"), device("away"), device("busy"))).toBe("busy");
    expect(statusNow(device("online"), device("busy", TIMEOUT + 1))).toBe("online");
  });

  it("[PRES-1] neither dead devices nor the order of the living matter", () => {
    fc.assert(
      fc.property(fc.array(alive, { minLength: 1 }), fc.array(dead), (living, gone) => {
        const status = statusNow(...living);
        expect(status).not.toBe("offline");
        expect(statusNow(...gone, ...living.toReversed())).toBe(status);
        expect(new Set<string>(living.map((one) => one.status))).toContain(status);
      }),
    );
  });
});

describe("looking for dead connections", () => {
  const moment = fc.record({
    age: fc.integer({ min: -60_000, max: 90_000_000 }),
    timeout: fc.integer({ min: 1000, max: TIMEOUT }),
  });

  it("[PRES-1] first looks when a connection that never spoke has just gone stale", () => {
    const first = nextStaleLook(NOW, NOW, TIMEOUT);
    expect(isStale(NOW, first, TIMEOUT)).toBe(true);
    expect(isStale(NOW, first - 1, TIMEOUT)).toBe(false);
  });

  it("always lies ahead, and never further than eight timeouts", () => {
    fc.assert(
      fc.property(moment, ({ age, timeout }) => {
        const look = nextStaleLook(NOW, NOW - age, timeout);
        expect(look).toBeGreaterThan(NOW);
        expect(look - Math.max(NOW, NOW - age)).toBeLessThanOrEqual(8 * timeout + 1);
      }),
    );
  });

  it("is not put off by who asks in between, nor when", () => {
    fc.assert(
      fc.property(moment, fc.double({ min: 0, max: 1, noNaN: true }), ({ age, timeout }, part) => {
        const look = nextStaleLook(NOW, NOW - age, timeout);
        const between = NOW + Math.floor((look - 1 - NOW) * part);
        expect(nextStaleLook(between, NOW - age, timeout)).toBe(look);
      }),
    );
  });

  it("gets rarer: a day of one quiet connection takes at most 490 looks", () => {
    let looks = 0;
    for (let now = NOW; now < NOW + 24 * 3_600_000; looks++) now = nextStaleLook(now, NOW, TIMEOUT);
    expect(looks).toBeLessThanOrEqual(490);
    expect(looks).toBeGreaterThan(100);
  });
});
