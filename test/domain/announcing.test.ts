import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  activeSince,
  announcementDueAt,
  type DevicePresence,
  RETURN_MS,
  shownStatus,
  statusOf,
} from "../../src/domain/presence.ts";

const TIMEOUT = 90_000;
const NOW = 1_700_000_000_000;
const IDLE = 5 * 60_000;

const statuses = fc.constantFrom("online" as const, "away" as const, "busy" as const, "offline" as const);
const left = fc.option(fc.integer({ min: NOW - 2 * RETURN_MS, max: NOW }), { nil: null });

/** Connected devices that are heard of all the time. */
const devices = fc.array(
  fc.record({
    active_at: fc.integer({ min: NOW - 2 * IDLE, max: NOW }),
    status: fc.constantFrom("online" as const, "away" as const, "busy" as const),
  }),
  { minLength: 1, maxLength: 4 },
);
type Connected = Omit<DevicePresence, "heard_at">;

function heardAt(now: number, connected: readonly Connected[]): DevicePresence[] {
  return connected.map((device) => ({ ...device, heard_at: now }));
}

describe("what friends are shown", () => {
  it("[PRES-2] is what was announced while a device that has gone may come back", () => {
    expect(shownStatus("offline", "online", NOW - RETURN_MS + 1, NOW)).toBe("online");
    expect(shownStatus("offline", "away", NOW - RETURN_MS + 1, NOW)).toBe("away");
    expect(shownStatus("away", "online", NOW - RETURN_MS + 1, NOW)).toBe("online");
    expect(shownStatus("offline", "online", NOW - RETURN_MS, NOW)).toBe("offline");
  });

  it("[PRES-2] is never less than is there, and is the truth once nobody can come back any more", () => {
    fc.assert(
      fc.property(statuses, statuses, left, (actual, announced, left_at) => {
        const shown = shownStatus(actual, announced, left_at, NOW);
        expect([actual, announced]).toContain(shown);
        if (actual === "online" || actual === "busy") expect(shown).toBe(actual);
        expect(shownStatus(actual, announced, left_at, NOW + RETURN_MS)).toBe(actual);
        expect(shownStatus(actual, announced, null, NOW)).toBe(actual);
      }),
    );
  });
});

describe("when there is something to announce", () => {
  it("[PRES-2] offline: 5 s after the last device has gone, whoever asks in between and when", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: RETURN_MS - 1 }), (later) => {
        const state = { announced: "online", devices: [], left_at: NOW } as const;
        expect(announcementDueAt(state, NOW + later, TIMEOUT)).toBe(NOW + RETURN_MS);
      }),
    );
  });

  it("[PRES-2] a drop that nobody noticed is due 5 s from now", () => {
    const gone = { announced: "busy", devices: [] } as const;
    expect(announcementDueAt({ ...gone, left_at: null }, NOW, TIMEOUT)).toBe(NOW + RETURN_MS);
    expect(announcementDueAt({ ...gone, left_at: NOW - TIMEOUT }, NOW, TIMEOUT)).toBe(NOW + RETURN_MS);
  });

  it("never while nothing can change by itself: nobody is there, or all are away already, or one is busy", () => {
    const now = (announced: "offline" | "away" | "busy", list: DevicePresence[]) =>
      announcementDueAt({ announced, devices: list, left_at: NOW - 1 }, NOW, TIMEOUT);
    expect(now("offline", [])).toBeNull();
    expect(now("away", heardAt(NOW, [{ active_at: NOW - IDLE, status: "online" }]))).toBeNull();
    expect(now("away", heardAt(NOW, [{ active_at: NOW, status: "away" }]))).toBeNull();
    expect(now("busy", heardAt(NOW, [{ active_at: NOW, status: "busy" }]))).toBeNull();
  });

  it("[PRES-1] away: at the earliest moment at which all devices are idle, and not a millisecond before", () => {
    fc.assert(
      fc.property(devices, fc.double({ min: 0, max: 1, noNaN: true }), (connected, part) => {
        const statusAt = (now: number) => statusOf(heardAt(now, connected), now, TIMEOUT);
        fc.pre(statusAt(NOW) === "online");
        const state = { announced: "online", devices: heardAt(NOW, connected), left_at: null } as const;
        const due_at = announcementDueAt(state, NOW, TIMEOUT) ?? 0;
        expect(due_at).toBeGreaterThan(NOW);
        expect(statusAt(due_at)).toBe("away");
        expect(statusAt(NOW + Math.floor((due_at - 1 - NOW) * part))).toBe("online");
      }),
    );
  });

  it("[PRES-1] a device that says it is away, or is dead, does not put that off", () => {
    const idle = { active_at: NOW - IDLE + 1_000, status: "online" } as const;
    const away = { active_at: NOW, status: "away" } as const;
    const dead = { active_at: NOW, heard_at: NOW - TIMEOUT - 1, status: "online" } as const;
    const state = {
      announced: "online",
      devices: [...heardAt(NOW, [idle, away]), dead],
      left_at: null,
    } as const;
    expect(announcementDueAt(state, NOW, TIMEOUT)).toBe(NOW + 1_000);
  });

  it("always lies ahead", () => {
    fc.assert(
      fc.property(statuses, devices, left, (announced, connected, left_at) => {
        const state = { announced, devices: heardAt(NOW, connected), left_at };
        const due_at = announcementDueAt(state, NOW, TIMEOUT);
        if (due_at !== null) expect(due_at).toBeGreaterThan(NOW);
      }),
    );
  });
});

describe("a device that connects", () => {
  it("[PRES-2] is active by that, unless it was idle and only comes back", () => {
    expect(activeSince("away", true, NOW)).toBe(NOW - IDLE);
    expect(activeSince("away", false, NOW)).toBe(NOW);
    expect(activeSince("online", true, NOW)).toBe(NOW);
    const back = { active_at: activeSince("away", true, NOW), heard_at: NOW, status: "online" } as const;
    expect(statusOf([back], NOW, TIMEOUT)).toBe("away");
  });
});
