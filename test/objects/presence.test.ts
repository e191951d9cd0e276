import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HEARTBEAT_PING_TEXT } from "../../src/protocol/frames/heartbeat.ts";
import { connectDevice, newSession, newUser, STEPS } from "../support/workerd/world.ts";

afterEach(() => {
  vi.useRealTimers();
});

describe.each(STEPS)("presence, %s", (_, step) => {
  it("[PRES-1] is online while a device is connected, then offline with the time it was last seen", async () => {
    const alice = await newUser();
    const user = env.USERS.getByName(alice.user_id);
    expect(await user.presence()).toMatchObject({ status: "offline", last_seen_at: null });
    const device = await connectDevice(alice);
    await step();
    expect(await user.presence()).toMatchObject({ status: "online" });
    await device.close();
    await step();
    const offline = await user.presence();
    expect(offline.status).toBe("offline");
    expect(offline.last_seen_at).toBeGreaterThan(Date.now() - 60_000);
  });

  it("[PRES-1] is away when all devices say so, busy when one does, and tells the other devices", async () => {
    const alice = await newUser();
    const user = env.USERS.getByName(alice.user_id);
    const phone = await connectDevice(alice);
    const laptop = await connectDevice(await newSession(alice.user_id, "laptop"));
    await step();
    phone.send({ type: "PRESENCE_UPDATE", payload: { status: "away", status_text: "lunch" } });
    await laptop.next("PRESENCE_UPDATE", ({ payload }) => payload.status_text === "lunch");
    expect(await user.presence()).toMatchObject({ status: "online", status_text: "lunch" });
    await step();
    laptop.send({ type: "PRESENCE_UPDATE", payload: { status: "away" } });
    await phone.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "away");
    await step();
    phone.send({ type: "PRESENCE_UPDATE", payload: { status: "busy" } });
    await laptop.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "busy");
  });

  it("asks a client whose socket has been open for a day to prove itself again", async () => {
    const alice = await newUser();
    const old = await connectDevice(alice);
    await step();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 86_400_001 });
    old.send({ type: "HEARTBEAT_PING", request_id: "alive" });
    await old.next("HEARTBEAT_PONG");
    expect(await runDurableObjectAlarm(env.USERS.getByName(alice.user_id))).toBe(true);
    expect(await old.closed).toMatchObject({ code: 4010 });
  });

  it("[PRES-1] closes a connection that sends no heartbeat, and keeps one that does", async () => {
    const alice = await newUser();
    const user = env.USERS.getByName(alice.user_id);
    const silent = await connectDevice(alice);
    await step();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 91_000 });
    expect(await user.presence()).toMatchObject({ status: "offline" });
    const alive = await connectDevice(await newSession(alice.user_id, "laptop"));
    alive.sendRaw(HEARTBEAT_PING_TEXT);
    await alive.next("HEARTBEAT_PONG");
    await step();
    expect(await runDurableObjectAlarm(user)).toBe(true);
    expect(await silent.closed).toMatchObject({ code: 4001 });
    expect(await user.presence()).toMatchObject({ status: "online" });
  });
});
