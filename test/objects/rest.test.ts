import {
  abortAllDurableObjects,
  evictAllDurableObjects,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CALL_LIMIT_MS, CallSlot, TimeLimitError } from "../../src/objects/runtime/time-limit.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import {
  acking,
  connectConversation,
  connectDevice,
  inboxRow,
  newUser,
  oneOnOne,
  send,
  sending,
} from "../support/workerd/world.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Two users who talk; all are served. */
async function atRest() {
  const [alice, bob] = [await newUser(), await newUser()];
  const conversation_id = await oneOnOne(alice, bob);
  const open = await connectConversation(alice, conversation_id);
  await send(alice, conversation_id, "1");
  await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 1 });
  return { alice, bob, conversation_id, open };
}

/** Runs the conversation's alarm and answers how many calls its members' objects got. */
async function callsOfAlarm(conversation_id: string): Promise<number> {
  const handOver = vi.spyOn(UserObject.prototype, "handOver");
  await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id));
  const calls = handOver.mock.calls.length;
  handOver.mockRestore();
  return calls;
}

describe("a conversation at rest", () => {
  it("[DLV-1] that wakes from sleep to its alarm calls nobody; after a crash it asks everyone", async () => {
    const { conversation_id } = await atRest();
    await evictAllDurableObjects();
    expect(await callsOfAlarm(conversation_id)).toBe(0);
    await abortAllDurableObjects();
    expect(await callsOfAlarm(conversation_id)).toBe(2);
    expect(await callsOfAlarm(conversation_id)).toBe(0);
  });

  it("[DLV-1] whoever comes back first after a crash has everyone served", async () => {
    const { alice, bob, conversation_id } = await atRest();
    await runInDurableObject(env.CONVERSATIONS.getByName(conversation_id), (_, state) => {
      state.storage.sql.exec(
        `INSERT INTO entries (seq, kind, message_id, sender_id, client_message_id, content, created_at)
         VALUES (2, 'message', 'ffffffff-0000-7000-8000-000000000001', ?, 'lost', 'unheard', 1)`,
        alice.user_id,
      );
    });
    await abortAllDurableObjects();
    await connectConversation(alice, conversation_id);
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 2, unread_count: 2 });
  });

  it("[DLV-5] knows after a sleep what was delivered, and when, though no row of its own says so", async () => {
    const { alice, bob, conversation_id } = await atRest();
    const device = await connectDevice(bob);
    const { payload } = await device.next("MESSAGE_RECEIVE");
    device.send(acking(conversation_id, 1));
    const receipts = () =>
      env.CONVERSATIONS.getByName(conversation_id).receipts(alice.user_id, payload.message_id);
    const delivered = { ok: true, value: { delivered: [{ user_id: bob.user_id }] } };
    await expect.poll(receipts).toMatchObject(delivered);
    await evictAllDurableObjects();
    const first = await receipts();
    expect(first).toMatchObject(delivered);
    await evictAllDurableObjects();
    expect(await receipts()).toEqual(first);
  });
});

/** An object that is idle for longer sleeps. */
const SLEEPS_AFTER_MS = 10_000;
const HOUR_MS = 3_600_000;

/**
 * Two users of whom no object can be reached, until the conversation makes a pause of an hour; it has slept in each that was
 * long enough, but not in this one. The alarm is so far ahead that only the test can fire it.
 */
async function unreachable() {
  const [alice, bob] = [await newUser(), await newUser()];
  const conversation_id = await oneOnOne(alice, bob);
  const stub = env.CONVERSATIONS.getByName(conversation_id);
  while (await runDurableObjectAlarm(stub));
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + HOUR_MS });
  const handOver = vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("not now"));
  const pauseNow = async () => {
    const due_at = await runInDurableObject(stub, (_, state) => state.storage.getAlarm());
    return Number(due_at) - Date.now();
  };
  const nextTry = async () => {
    const pause_ms = await pauseNow();
    if (pause_ms > SLEEPS_AFTER_MS) await evictAllDurableObjects();
    vi.setSystemTime(Date.now() + pause_ms);
    await runDurableObjectAlarm(stub);
    return pause_ms;
  };
  await send(alice, conversation_id, "1");
  const pauses_ms: number[] = [];
  while ((await pauseNow()) < HOUR_MS && pauses_ms.length < 100) pauses_ms.push(await nextTry());
  return { alice, bob, conversation_id, stub, pauseNow, nextTry, pauses_ms, handOver };
}

describe("a conversation whose members' objects cannot be reached", () => {
  it("[DLV-1] tries again after pauses that double up to an hour, though it sleeps in them", async () => {
    const { nextTry, pauses_ms } = await unreachable();
    const long_ms = pauses_ms.filter((pause_ms) => pause_ms > SLEEPS_AFTER_MS);
    expect(long_ms.length).toBeGreaterThan(5);
    for (const [index, pause_ms] of long_ms.entries())
      expect(pause_ms).toBeGreaterThanOrEqual(2 * (long_ms[index - 1] ?? 0));
    expect([await nextTry(), await nextTry(), await nextTry(), await nextTry()]).toEqual([
      HOUR_MS,
      1_000,
      2_000,
      HOUR_MS,
    ]);
  });

  it("[DLV-1] hands over soon when something new is written", async () => {
    const { alice, bob, conversation_id, pauseNow, nextTry, handOver } = await unreachable();
    expect(await pauseNow()).toBe(HOUR_MS);
    handOver.mockRestore();
    await send(alice, conversation_id, "2");
    expect(await nextTry()).toBeLessThanOrEqual(30_000);
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 2 });
  });

  it("[DLV-1] hands over when the member's object asks", async () => {
    const { bob, conversation_id, stub, pauseNow, handOver } = await unreachable();
    expect(await pauseNow()).toBe(HOUR_MS);
    handOver.mockRestore();
    vi.setSystemTime(Date.now() + 30_000);
    await stub.serve(bob.user_id);
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 1 });
  });
});

describe("a log that was restored from before what its members know", () => {
  it("[UNR-1] does not tell a member without end what it cannot take", async () => {
    const { alice, bob, conversation_id } = await atRest();
    await send(alice, conversation_id, "2");
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 2 });
    await runInDurableObject(env.CONVERSATIONS.getByName(conversation_id), (_, state) => {
      state.storage.sql.exec("DELETE FROM entries WHERE seq = 2");
      state.storage.sql.exec(
        "UPDATE members SET read_seq = 1, delivered_seq = 1 WHERE user_id = ?",
        bob.user_id,
      );
    });
    await abortAllDurableObjects();
    expect(await callsOfAlarm(conversation_id)).toBe(2);
  });
});

describe("a call of the message path", () => {
  it("that hangs is ended by whoever comes by after its limit", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const slot = new CallSlot();
    const call = slot.run(new Promise(() => undefined));
    slot.enforce(Date.now() + CALL_LIMIT_MS);
    slot.enforce(Date.now() + CALL_LIMIT_MS + 1);
    await expect(call).rejects.toThrow(TimeLimitError);
    await expect(slot.run(Promise.resolve("next"))).resolves.toBe("next");
  });

  it("[DLV-1] a hand-over that hangs does not keep the next message from its member", async () => {
    const { alice, bob, conversation_id } = await atRest();
    const device = await connectDevice(bob);
    await device.next("SYNC_COMPLETE");
    const handOver = vi.spyOn(UserObject.prototype, "handOver");
    handOver.mockImplementation(() => new Promise(() => undefined));
    await send(alice, conversation_id, "2");
    await expect.poll(() => handOver.mock.calls.length).toBeGreaterThan(0);
    handOver.mockRestore();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + CALL_LIMIT_MS + 1 });
    await send(alice, conversation_id, "3");
    // The first retry is due a second later.
    vi.setSystemTime(Date.now() + 1_001);
    await send(alice, conversation_id, "4");
    await device.count("MESSAGE_RECEIVE", 4);
    expect(device.contents()).toEqual(["1", "2", "3", "4"]);
  });
});

describe("a device that connects while its conversations hand over in portions", () => {
  it("[DLV-1] [SEQ-2] is given, before SYNC_COMPLETE, everything that was acknowledged before it came", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const [from, watching] = [
      await connectConversation(alice, conversation_id),
      await connectConversation(bob, conversation_id),
    ];
    for (let seq = 1; seq <= 30; seq++) {
      from.send(sending(conversation_id, String(seq)));
      await from.next("MESSAGE_ACK", ({ payload }) => payload.seq === seq);
    }
    await watching.count("MESSAGE_RECEIVE", 30);
    const late = await connectDevice({ ...bob, device_id: "phone" });
    await late.next("SYNC_COMPLETE");
    expect(late.contents()).toEqual(Array.from({ length: 30 }, (_, index) => String(index + 1)));
    for (const user of [alice, bob]) {
      expect(await inboxRow(user, conversation_id)).toMatchObject({ head_seq: 30 });
    }
  });
});
