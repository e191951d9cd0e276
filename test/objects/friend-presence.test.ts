import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UserObject } from "../../src/objects/user/user-object.ts";
import {
  alarmOf,
  friends,
  keepHeartbeats,
  pass,
  relate,
  sayLast,
  seen,
  user,
} from "../support/workerd/people.ts";
import {
  connectConversation,
  connectDevice,
  newSession,
  newUser,
  oneOnOne,
  STEPS,
  sending,
} from "../support/workerd/world.ts";

const IDLE_MS = 5 * 60_000;
const RETURN_MS = 5_000;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe.each(STEPS)("friends and their presence, %s", (_, step) => {
  it("[PRES-2] hear of each other when one connects: the one who was there, and the one who comes", async () => {
    const { alice, bob, watching } = await friends();
    await step();
    const phone = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.user_id === alice.user_id);
    await phone.next("PRESENCE_UPDATE", ({ payload }) => payload.user_id === bob.user_id);
    await step();
    // A second device asks too, and has nothing new to tell.
    const laptop = await connectDevice(await newSession(alice.user_id, "laptop"));
    const { payload } = await laptop.next("PRESENCE_UPDATE");
    expect(payload).toMatchObject({ user_id: bob.user_id, status: "online" });
    await step();
    await sayLast(alice, watching);
    expect(seen(watching, alice)).toEqual(["online", "online: last"]);
    expect(seen(phone, bob)).toEqual(["online"]);
  });

  it("[PRES-2] who is offline is not shown to who connects, and costs its object nothing", async () => {
    const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
    await relate(alice, bob, "friends");
    await relate(alice, carol, "friends");
    const watching = await connectDevice(carol);
    await step();
    const device = await connectDevice(alice);
    await device.next("PRESENCE_UPDATE", ({ payload }) => payload.user_id === carol.user_id);
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.user_id === alice.user_id);
    await step();
    await sayLast(alice, watching);
    expect(seen(device, bob)).toEqual([]);
    const rows = await runInDurableObject(user(bob), (_, state) =>
      state.storage.sql.exec("SELECT * FROM announced").toArray(),
    );
    expect([rows, await alarmOf(bob)]).toEqual([[], null]);
  });

  it("[PRES-2] hear what one says of itself, and each thing once", async () => {
    const { alice, watching } = await friends();
    const phone = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE");
    await step();
    phone.send({ type: "PRESENCE_UPDATE", payload: { status: "busy", status_text: "exam" } });
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "busy");
    await step();
    phone.send({ type: "PRESENCE_UPDATE", payload: { status: "busy", status_text: "exam" } });
    phone.send({ type: "PRESENCE_UPDATE", payload: { status: "away" } });
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "away");
    await step();
    await user(alice).setStatusText("");
    await watching.next(
      "PRESENCE_UPDATE",
      ({ payload }) => payload.status === "away" && !payload.status_text,
    );
    expect(seen(watching, alice)).toEqual(["online", "busy: exam", "away: exam", "away"]);
  });

  it("[PRES-2] do not hear of a drop and return within 5 s; of a drop that lasts they do", async () => {
    const { alice, watching } = await friends();
    const device = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE");
    await step();
    pass(60_000);
    await device.close();
    const left_at = Date.now();
    await step();
    expect(await alarmOf(alice)).toBe(left_at + RETURN_MS);
    pass(RETURN_MS - 1);
    const again = await connectDevice(alice);
    await step();
    pass(1);
    expect(await runDurableObjectAlarm(user(alice))).toBe(true);
    await step();
    await again.close();
    const gone_at = Date.now();
    await step();
    pass(RETURN_MS);
    expect(await runDurableObjectAlarm(user(alice))).toBe(true);
    const { payload } = await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "offline");
    expect(payload).toMatchObject({ user_id: alice.user_id, last_seen_at: gone_at });
    await step();
    expect(seen(watching, alice)).toEqual(["online", "offline"]);
    // Nothing is left to do for who is not there.
    expect(await alarmOf(alice)).toBeNull();
  });

  it("[PRES-2] who is about to be announced offline is shown as before to a friend who connects", async () => {
    const { alice, bob, watching } = await friends();
    const device = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE");
    pass(60_000);
    await device.close();
    await step();
    const laptop = await connectDevice(await newSession(bob.user_id, "laptop"));
    await laptop.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "online");
    await step();
    pass(RETURN_MS);
    await runDurableObjectAlarm(user(alice));
    await laptop.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "offline");
  });

  it("[PRES-2] one device that goes does not make its user less, while it may come back", async () => {
    const { alice, watching } = await friends();
    keepHeartbeats();
    const phone = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE");
    const laptop = await connectDevice(await newSession(alice.user_id, "laptop"));
    laptop.send({ type: "PRESENCE_UPDATE", payload: { status: "away" } });
    await laptop.next("PRESENCE_UPDATE", ({ payload }) => payload.user_id === alice.user_id);
    pass(60_000);
    await phone.close();
    await step();
    const back = await connectDevice(alice);
    await step();
    pass(RETURN_MS);
    await runDurableObjectAlarm(user(alice));
    pass(60_000);
    await back.close();
    await step();
    pass(RETURN_MS);
    await runDurableObjectAlarm(user(alice));
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "away");
    expect(seen(watching, alice)).toEqual(["online", "away"]);
  });

  it("[PRES-1] [PRES-2] hear when all devices have been idle for 5 minutes, and when one is used again", async () => {
    const { alice, watching } = await friends();
    keepHeartbeats();
    pass(0);
    const device = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE");
    await step();
    pass(60_000);
    device.send({ type: "PRESENCE_UPDATE", payload: { status: "online" } });
    await device.next("PRESENCE_UPDATE", ({ payload }) => payload.user_id === alice.user_id);
    await step();
    // Due, had it not been used since.
    pass(IDLE_MS - 60_000);
    await runDurableObjectAlarm(user(alice));
    expect(await alarmOf(alice)).toBeLessThanOrEqual(Date.now() + 60_000);
    await step();
    // What it sends on its own is no use.
    device.send({ type: "HEARTBEAT_PING", request_id: "alive" });
    await device.next("HEARTBEAT_PONG");
    device.send({ type: "SYNC_REQUEST", payload: { last_sync_id: 0 } });
    await device.count("SYNC_COMPLETE", 2);
    await step();
    pass(60_000);
    await runDurableObjectAlarm(user(alice));
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "away");
    // Only the look for dead connections is left, which comes ever less often.
    expect(await alarmOf(alice)).toBeGreaterThan(Date.now());
    await step();
    pass(1_000);
    device.send({ type: "PRESENCE_UPDATE", payload: { status: "online" } });
    await watching.count("PRESENCE_UPDATE", 3);
    await step();
    expect(seen(watching, alice)).toEqual(["online", "away", "online"]);
    expect(await alarmOf(alice)).toBeLessThanOrEqual(Date.now() + IDLE_MS);
  });

  it("[PRES-2] hear nothing when one who is idle says to be away, and of its return what it says", async () => {
    const { alice, watching } = await friends();
    keepHeartbeats();
    const device = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE");
    pass(IDLE_MS);
    await runDurableObjectAlarm(user(alice));
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "away");
    await step();
    pass(60_000);
    device.send({ type: "PRESENCE_UPDATE", payload: { status: "away" } });
    await device.next("PRESENCE_UPDATE", ({ payload }) => payload.user_id === alice.user_id);
    await step();
    device.send({ type: "PRESENCE_UPDATE", payload: { status: "busy" } });
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "busy");
    expect(seen(watching, alice)).toEqual(["online", "away", "busy"]);
  });

  it("[PRES-2] a device that was idle and changes its connection is not back at work by that", async () => {
    const { alice, watching } = await friends();
    keepHeartbeats();
    const device = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE");
    pass(IDLE_MS);
    await runDurableObjectAlarm(user(alice));
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "away");
    await step();
    await device.close();
    await step();
    pass(RETURN_MS - 1);
    const back = await connectDevice(alice);
    await step();
    const replacing = await connectDevice(alice);
    await back.closed;
    await step();
    pass(RETURN_MS);
    await runDurableObjectAlarm(user(alice));
    expect(await user(alice).presence()).toMatchObject({ status: "away" });
    replacing.send({ type: "PRESENCE_UPDATE", payload: { status: "online" } });
    await watching.count("PRESENCE_UPDATE", 3);
    expect(seen(watching, alice)).toEqual(["online", "away", "online"]);
  });

  it("[PRES-1] who writes on a conversation socket, or over HTTP, is not idle", async () => {
    const { alice, bob, watching } = await friends();
    keepHeartbeats();
    const conversation_id = await oneOnOne(alice, bob);
    const device = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE");
    const open = await connectConversation(alice, conversation_id);
    for (const [index, write] of [
      () => open.send(sending(conversation_id, "still here")),
      () => user(alice).markRead(alice, conversation_id, 1),
    ].entries()) {
      pass(IDLE_MS);
      await runDurableObjectAlarm(user(alice));
      await watching.count("PRESENCE_UPDATE", 2 + 2 * index);
      await step();
      await write();
      await watching.count("PRESENCE_UPDATE", 3 + 2 * index);
    }
    expect(seen(watching, alice)).toEqual(["online", "away", "online", "away", "online"]);
    await device.close();
  });

  it("[PRES-3] end with the friendship: a last word that the other is gone, and nothing more", async () => {
    const { alice, bob, watching } = await friends();
    const device = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE");
    await device.next("PRESENCE_UPDATE");
    await step();
    await relate(alice, bob, "none", 2);
    for (const socket of [device, watching]) {
      await socket.next("FRIEND_UPDATE");
      const { payload } = await socket.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "offline");
      expect(payload).toMatchObject({ last_seen_at: null, status_text: "" });
    }
    await step();
    const friendPresence = vi.spyOn(UserObject.prototype, "friendPresence");
    device.send({ type: "PRESENCE_UPDATE", payload: { status: "busy" } });
    await device.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "busy");
    await connectDevice(await newSession(alice.user_id, "laptop"));
    await step();
    expect(friendPresence).not.toHaveBeenCalled();
    expect(seen(watching, alice)).toEqual(["online", "offline"]);
  });

  it("[PRES-3] begin with the friendship, for those who are there", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const [device, watching] = [await connectDevice(alice), await connectDevice(bob)];
    await step();
    await relate(alice, bob, "friends");
    await device.next("PRESENCE_UPDATE", ({ payload }) => payload.user_id === bob.user_id);
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.user_id === alice.user_id);
    await step();
    await sayLast(alice, watching);
    expect(seen(watching, alice)).toEqual(["online", "online: last"]);
  });

  it("[PRES-3] do not hear when who wishes so was last seen", async () => {
    const { alice, watching } = await friends();
    await user(alice).setPrivacy({
      read_receipts: true,
      last_seen: "nobody",
      who_may_write: "everyone",
      version: 1,
    });
    await step();
    await connectDevice(alice);
    const { payload } = await watching.next("PRESENCE_UPDATE");
    expect(payload).toMatchObject({ status: "online", last_seen_at: null });
  });

  it("without friends nothing is announced, remembered, or waited for", async () => {
    const alice = await newUser();
    const friendPresence = vi.spyOn(UserObject.prototype, "friendPresence");
    const device = await connectDevice(alice);
    await device.next("SYNC_COMPLETE");
    await step();
    const before = await alarmOf(alice);
    device.send({ type: "PRESENCE_UPDATE", payload: { status: "busy", status_text: "alone" } });
    await device.next("PRESENCE_UPDATE");
    await step();
    await device.close();
    await step();
    // The look for dead connections, which was set before.
    expect(await alarmOf(alice)).toBe(before);
    expect(friendPresence).not.toHaveBeenCalled();
    const rows = await runInDurableObject(user(alice), (_, state) =>
      state.storage.sql.exec("SELECT * FROM announced").toArray(),
    );
    expect(rows).toEqual([]);
  });
});
