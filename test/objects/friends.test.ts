import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { relate } from "../support/workerd/people.ts";
import { connectDevice, newSession, newUser, STEPS } from "../support/workerd/world.ts";

afterEach(() => vi.restoreAllMocks());

function stored(user_id: string) {
  return runInDurableObject(env.USERS.getByName(user_id), (_, state) =>
    state.storage.sql.exec("SELECT user_id, status, version FROM friends").toArray(),
  );
}

describe.each(STEPS)("friends, %s", (_, step) => {
  it("all devices are told of a change, once", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const phone = await connectDevice(alice);
    const laptop = await connectDevice(await newSession(alice.user_id, "laptop"));
    const user = env.USERS.getByName(alice.user_id);
    await step();
    for (const [status, version] of [
      ["incoming", 1],
      ["incoming", 1],
      ["friends", 2],
      ["none", 3],
    ] as const) {
      await user.friendChanged({ user_id: bob.user_id, status, version });
      await step();
    }
    for (const device of [phone, laptop]) {
      const frames = await device.count("FRIEND_UPDATE", 3);
      expect(frames.map(({ payload }) => payload)).toEqual(
        ["incoming", "friends", "none"].map((status) => ({ user_id: bob.user_id, status })),
      );
    }
  });

  it("changes that overtake each other end with the newest", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const device = await connectDevice(alice);
    const user = env.USERS.getByName(alice.user_id);
    const changes = [
      { user_id: bob.user_id, status: "outgoing", version: 1 },
      { user_id: bob.user_id, status: "none", version: 4 },
      { user_id: bob.user_id, status: "friends", version: 3 },
      { user_id: bob.user_id, status: "none", version: 2 },
    ] as const;
    for (const change of changes) {
      await user.friendChanged(change);
      await step();
    }
    const frames = await device.count("FRIEND_UPDATE", 2);
    expect(frames.map(({ payload }) => payload.status)).toEqual(["outgoing", "none"]);
    expect(await stored(alice.user_id)).toEqual([{ user_id: bob.user_id, status: "none", version: 4 }]);
  });

  it("[PRES-3] an object that was not told that a friendship has ended hears it from the other", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    await relate(alice, bob, "friends", 2);
    const device = await connectDevice(alice);
    const other = await connectDevice(bob);
    await device.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "online");
    await step();
    // The call to Alice's object never came.
    await env.USERS.getByName(bob.user_id).friendChanged({
      user_id: alice.user_id,
      status: "none",
      version: 3,
    });
    await step();
    device.send({ type: "PRESENCE_UPDATE", payload: { status: "busy" } });
    await device.next("FRIEND_UPDATE", ({ payload }) => payload.status === "none");
    await device.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "offline");
    expect(await stored(alice.user_id)).toEqual([{ user_id: bob.user_id, status: "none", version: 3 }]);
    expect(other.all("PRESENCE_UPDATE").map(({ payload }) => payload.status)).not.toContain("busy");
  });

  it("[PRES-3] an object that was not told that a friendship has begun hears it from the other", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    await relate(alice, bob, "outgoing", 1);
    const [device, other] = [await connectDevice(alice), await connectDevice(bob)];
    await step();
    await env.USERS.getByName(bob.user_id).friendChanged({
      user_id: alice.user_id,
      status: "friends",
      version: 2,
    });
    await device.next("FRIEND_UPDATE", ({ payload }) => payload.status === "friends");
    for (const socket of [device, other]) {
      await socket.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "online");
    }
  });

  it("[PRES-3] presence of who is no friend is neither taken nor told", async () => {
    const [alice, mallory] = [await newUser(), await newUser()];
    await relate(alice, mallory, "incoming", 1);
    const device = await connectDevice(alice);
    await env.USERS.getByName(alice.user_id).friendChanged({
      user_id: mallory.user_id,
      status: "none",
      version: 2,
    });
    await step();
    const presence = {
      user_id: mallory.user_id,
      status: "busy",
      last_seen_at: null,
      status_text: "hi",
    } as const;
    const news = { user_id: mallory.user_id, version: 1, presence };
    expect(await env.USERS.getByName(alice.user_id).friendPresence(news)).toEqual({
      status: "none",
      version: 2,
      presence: null,
    });
    await device.next("FRIEND_UPDATE");
    expect(device.all("PRESENCE_UPDATE")).toEqual([]);
  });

  it("privacy settings that overtake each other end with the newest", async () => {
    const alice = await newUser();
    const user = env.USERS.getByName(alice.user_id);
    await connectDevice(alice);
    const settings = { read_receipts: true, who_may_write: "everyone" } as const;
    await user.setPrivacy({ ...settings, last_seen: "nobody", version: 2 });
    await step();
    await user.setPrivacy({ ...settings, last_seen: "friends", version: 1 });
    await step();
    expect(await user.presence("somebody")).toMatchObject({ status: "online", last_seen_at: null });
    await user.setPrivacy({ ...settings, last_seen: "friends", version: 3 });
    await step();
    expect(await user.presence("somebody")).toMatchObject({ last_seen_at: expect.any(Number) });
  });
});
