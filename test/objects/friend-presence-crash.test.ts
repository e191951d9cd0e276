import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { v7 as newId } from "uuid";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { FriendCalls } from "../../src/objects/user/friend-calls.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { alarmOf, friends, pass, relate, user } from "../support/workerd/people.ts";
import { connectDevice, newUser } from "../support/workerd/world.ts";

const RETURN_MS = 5_000;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("presence after a crash", () => {
  it("[PRES-2] remembers that a user is offline once the friends were told, and not before", async () => {
    const { alice, watching } = await friends();
    const device = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE");
    pass(60_000);
    await device.close();
    pass(RETURN_MS);
    const friendPresence = UserObject.prototype.friendPresence;
    let arrive: () => void = () => undefined;
    const arrives = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    vi.spyOn(UserObject.prototype, "friendPresence").mockImplementationOnce(async function (
      this: UserObject,
      news,
    ) {
      await arrives;
      return friendPresence.call(this, news);
    });
    const alarm = runDurableObjectAlarm(user(alice));
    expect(await storedStatus(alice)).toBe("online");
    arrive();
    await alarm;
    expect(await storedStatus(alice)).toBe("offline");
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "offline");
  });

  it("[PRES-2] remembers that a user is online before the friends are told: it has to be taken back", async () => {
    const { alice, watching } = await friends();
    const friendPresence = UserObject.prototype.friendPresence;
    let stored: unknown = null;
    vi.spyOn(UserObject.prototype, "friendPresence").mockImplementationOnce(async function (
      this: UserObject,
      news,
    ) {
      stored = await storedStatus(alice);
      return friendPresence.call(this, news);
    });
    await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE");
    expect(stored).toBe("online");
  });

  it("[PRES-2] a user whom it cut off is announced offline by the alarm", async () => {
    const { alice, bob } = await friends();
    await connectDevice(alice);
    await expect.poll(() => storedStatus(alice)).toBe("online");
    await abortAllDurableObjects();
    const watching = await connectDevice(bob);
    // Until then it may come back, and is shown as it was.
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "online");
    expect(await alarmOf(alice)).toBeLessThanOrEqual(Date.now() + RETURN_MS);
    pass(RETURN_MS);
    await runDurableObjectAlarm(user(alice));
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "offline");
    expect(await storedStatus(alice)).toBe("offline");
  });

  it("[PRES-2] between leaving and its announcement loses nothing", async () => {
    const { alice, bob } = await friends();
    const device = await connectDevice(alice);
    await expect.poll(() => storedStatus(alice)).toBe("online");
    await device.close();
    await expect.poll(async () => ((await alarmOf(alice)) ?? Infinity) <= Date.now() + RETURN_MS).toBe(true);
    await abortAllDurableObjects();
    const watching = await connectDevice(bob);
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "online");
    pass(RETURN_MS);
    await runDurableObjectAlarm(user(alice));
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "offline");
  });

  it("[PRES-1] [PRES-2] a connection that died unnoticed is announced by the look that finds it", async () => {
    const { alice, watching } = await friends();
    const silent = await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE");
    pass(91_000);
    await runDurableObjectAlarm(user(alice));
    expect(await silent.closed).toMatchObject({ code: 4001 });
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.status === "offline");
  });

  it("[PRES-2] a friend who cannot be reached does not keep the others from hearing", async () => {
    const { alice, watching } = await friends();
    const carol = await newUser();
    await relate(alice, carol, "friends");
    const friendPresence = UserObject.prototype.friendPresence;
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    vi.spyOn(UserObject.prototype, "friendPresence").mockImplementation(async function (
      this: UserObject,
      news,
    ) {
      const { user_id } = await this.presence();
      if (user_id === carol.user_id) throw new Error("not now");
      return friendPresence.call(this, news);
    });
    await connectDevice(alice);
    await watching.next("PRESENCE_UPDATE", ({ payload }) => payload.user_id === alice.user_id);
  });
});

describe("a user with very many friends", () => {
  it("[PRES-2] tells 500 of them, and asks as many", async () => {
    const alice = await newUser();
    await runInDurableObject(user(alice), (_, state) => {
      for (let n = 0; n < 600; n++) {
        state.storage.sql.exec(
          "INSERT INTO friends (user_id, status, version) VALUES (?, 'friends', 1)",
          newId(),
        );
      }
    });
    const tell = vi.spyOn(FriendCalls.prototype, "tell").mockImplementation(() => undefined);
    const ask = vi.spyOn(FriendCalls.prototype, "ask").mockImplementation(() => undefined);
    await connectDevice(alice);
    expect([tell, ask].map(({ mock }) => mock.calls.map(([ids]) => ids.length))).toEqual([[500], [500]]);
  });
});

async function storedStatus(who: Identity): Promise<unknown> {
  const rows = await runInDurableObject(user(who), (_, state) =>
    state.storage.sql.exec("SELECT status FROM announced").toArray(),
  );
  return rows[0]?.status;
}
