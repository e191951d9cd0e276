import { evictAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import {
  acking,
  connectDevice,
  draft,
  inboxRow,
  newSession,
  newUser,
  oneOnOne,
  STEPS,
  send,
} from "../support/workerd/world.ts";

const MAX_DEVICES = 20;
const HOUR_MS = 3_600_000;
const HEARTBEAT_TIMEOUT_MS = 90_000;

afterEach(() => {
  vi.useRealTimers();
});

function stateOf<T>(user: Identity, read: (storage: DurableObjectStorage) => T | Promise<T>): Promise<T> {
  return runInDurableObject(env.USERS.getByName(user.user_id), (_, state) => read(state.storage));
}

function usedAt({ device_id, ...user }: Identity): Promise<number | undefined> {
  return stateOf({ ...user, device_id }, ({ sql }) =>
    sql
      .exec<{ used_at: number }>("SELECT used_at FROM devices WHERE device_id = ?", device_id)
      .toArray()
      .map((row) => row.used_at)
      .at(0),
  );
}

function later(ms: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
}

/** Is the device still known? One that was forgotten is told to begin anew. */
async function isKnown(device: Identity): Promise<boolean> {
  const socket = await connectDevice(device);
  const { payload } = await socket.next("SYNC_COMPLETE");
  await socket.close();
  return payload.reset !== true;
}

describe.each(STEPS)("devices, %s", (_, step) => {
  it("a device that comes back within the hour writes no row, and one that comes back later does", async () => {
    const alice = await newUser();
    const first = await usedAt(alice);
    await step();
    later(HOUR_MS / 2);
    await connectDevice(alice).then((socket) => socket.close());
    expect(await usedAt(alice)).toBe(first);
    await step();
    later(HOUR_MS / 2);
    await connectDevice(alice).then((socket) => socket.close());
    expect(await usedAt(alice)).toBe(Date.now());
  });

  it("[DLV-2] a connected device is not forgotten for newer ones, and an unconnected one is", async () => {
    const alice = await newUser("held");
    const held = await connectDevice(alice);
    const idle = await newSession(alice.user_id, "idle");
    await step();
    later(1_000);
    for (let n = 1; n < MAX_DEVICES; n++) await newSession(alice.user_id, `newer-${n}`);
    expect(await usedAt(alice)).toBeDefined();
    await held.close();
    expect(await isKnown(alice)).toBe(true);
    expect(await isKnown(idle)).toBe(false);
  });

  it.each([
    ["connects", false],
    ["signs in", true],
  ])(
    "[DLV-1] a forgotten device that %s again is told to begin anew until it has heard so",
    async (_way, signsIn) => {
      const [alice, bob] = [await newUser("phone"), await newUser()];
      const conversation_id = await oneOnOne(alice, bob);
      await send(bob, conversation_id, "before");
      const phone = await connectDevice(alice);
      const { sync_id: last_sync_id } = (await phone.next("SYNC_COMPLETE")).payload;
      await phone.close();
      for (let n = 0; n < MAX_DEVICES; n++) await newSession(alice.user_id, `newer-${n}`);
      expect(await usedAt(alice)).toBeUndefined();
      await send(bob, conversation_id, "missed");
      await expect.poll(() => inboxRow(alice, conversation_id)).toMatchObject({ head_seq: 2 });
      await step();
      if (signsIn) await newSession(alice.user_id, "phone");
      await step();
      const sync = async (options: { last_sync_id: number }) => {
        const socket = await connectDevice(alice, options);
        const { payload } = await socket.next("SYNC_COMPLETE");
        socket.send({ type: "SYNC_REQUEST", payload: options });
        const [, asked] = await socket.count("SYNC_COMPLETE", 2);
        expect(asked?.payload).toEqual(payload);
        await socket.close();
        await step();
        return payload;
      };
      // The first answer may have been lost with its connection.
      const told = [await sync({ last_sync_id }), await sync({ last_sync_id })];
      expect(told).toMatchObject([{ reset: true }, { reset: true }]);
      expect(await sync({ last_sync_id: told[0]?.sync_id ?? 0 })).not.toHaveProperty("reset");
      const fresh = await newSession(alice.user_id, "fresh");
      const { sync_id } = await inboxRow(alice, conversation_id);
      const first = await connectDevice(fresh, { last_sync_id: sync_id });
      expect((await first.next("SYNC_COMPLETE")).payload).toEqual({ sync_id });
    },
  );

  it("[DLV-1] [DLV-3] what is sent over HTTP is pushed to all devices but the one that is said to send", async () => {
    const [alice, bob] = [await newUser("phone"), await newUser()];
    const user = env.USERS.getByName(alice.user_id);
    const conversation_id = await oneOnOne(alice, bob);
    // One session, and two devices of it.
    const tablet = { ...alice, device_id: "tablet" };
    const sockets = [await connectDevice(alice), await connectDevice(tablet)];
    await step();
    await user.sendMessage(alice, conversation_id, draft("by one of the two"));
    await user.sendMessage(alice, conversation_id, draft("by the tablet"), undefined, "tablet");
    await step();
    await user.sendMessage(alice, conversation_id, draft("by one of them again"));
    await Promise.all(sockets.map((s) => s.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === 3)));
    const everything = ["by one of the two", "by the tablet", "by one of them again"];
    expect(sockets.map((s) => s.contents())).toEqual([everything, everything.filter((_text, n) => n !== 1)]);
  });

  it("[DLV-1] a device is pushed what it lacks, and not what only one of a like name lacks", async () => {
    const [alice, bob] = [await newUser("phone"), await newUser()];
    const other = await newSession(alice.user_id, "phone2");
    const conversation_id = await oneOnOne(alice, bob);
    await send(bob, conversation_id, "hello");
    await step();
    const phone = await connectDevice(alice);
    const { payload } = await phone.next("MESSAGE_RECEIVE");
    phone.send(acking(conversation_id, payload.seq));
    phone.send({ type: "HEARTBEAT_PING", request_id: "acked" });
    await phone.next("HEARTBEAT_PONG");
    await phone.close();
    await step();
    const again = await connectDevice(alice);
    await again.next("SYNC_COMPLETE");
    expect(again.contents()).toEqual([]);
    const second = await connectDevice(other);
    await second.next("SYNC_COMPLETE");
    expect(second.contents()).toEqual(["hello"]);
  });
});

describe("the alarm of a user", () => {
  it("[PRES-1] a device that connects beside another is looked at with it, and sets no alarm of its own", async () => {
    const alice = await newUser();
    // As it stands after the looks at a device that has been connected for long: two timeouts ahead.
    const armed_at = Date.now() + 2 * HEARTBEAT_TIMEOUT_MS;
    await connectDevice(alice);
    await stateOf(alice, (storage) => storage.setAlarm(armed_at));
    const alarm = () => stateOf(alice, (storage) => storage.getAlarm());
    // Read anew by an object that wakes.
    await evictAllDurableObjects();
    await connectDevice(await newSession(alice.user_id, "laptop"));
    expect(await alarm()).toBe(armed_at);
    await stateOf(alice, (storage) => storage.setAlarm(armed_at + HEARTBEAT_TIMEOUT_MS));
    await evictAllDurableObjects();
    await connectDevice(await newSession(alice.user_id, "tablet"));
    expect(await alarm()).toBeLessThan(armed_at);
  });
});
