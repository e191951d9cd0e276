import { evictAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import type { TestSocket } from "../support/workerd/test-socket.ts";
import {
  acking,
  connectConversation,
  connectDevice,
  group,
  inboxRow,
  newSession,
  newUser,
  oneOnOne,
  STEPS,
  send,
  sending,
} from "../support/workerd/world.ts";

afterEach(() => vi.restoreAllMocks());

const { handOver: handOverWhole } = UserObject.prototype;

/** Alice and Bob, each with the conversation open on a conversation socket; Bob has received one message and acked it. */
async function acknowledged() {
  const [alice, bob] = [await newUser(), await newUser()];
  const conversation_id = await oneOnOne(alice, bob);
  const alices = await connectConversation(alice, conversation_id);
  const bobs = await connectConversation(bob, conversation_id);
  const { message_id } = await send(alice, conversation_id, "1");
  await bobs.next("MESSAGE_RECEIVE");
  await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 1 });
  const handOver = vi.spyOn(UserObject.prototype, "handOver");
  bobs.send(acking(conversation_id, 1));
  await alices.next("MESSAGE_ACK", ({ payload }) => payload.status === "delivered");
  const callsFor = (device_id: string) =>
    handOver.mock.calls.filter(([{ acks }]) => acks.some((ack) => ack.device_id === device_id));
  return { alice, bob, conversation_id, message_id, alices, bobs, callsFor };
}

describe.each(STEPS)("what a device acknowledges on a conversation socket, %s", (_, step) => {
  it("[DLV-5] costs no call of its own, and is not forgotten", async () => {
    const { alice, bob, conversation_id, message_id, callsFor } = await acknowledged();
    expect(callsFor("phone")).toEqual([]);
    await step();
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    expect(await conversation.receipts(alice.user_id, message_id)).toMatchObject({
      value: { delivered: [{ user_id: bob.user_id }] },
    });
    await send(alice, conversation_id, "2");
    await expect.poll(() => callsFor("phone").at(-1)).toMatchObject([{ acks: [{ seq: 1 }] }]);
  });

  it("[DLV-1] is not pushed again to that device", async () => {
    const { alice, bob, conversation_id } = await acknowledged();
    await step();
    const phone = await connectDevice(bob);
    await phone.next("SYNC_COMPLETE");
    expect(phone.contents()).toEqual([]);
    await send(alice, conversation_id, "2");
    await phone.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === 2);
    expect(phone.contents()).toEqual(["2"]);
  });

  it("[DLV-1] [DLV-2] goes to the user's object when the socket closes", async () => {
    const { alice, bob, conversation_id, message_id, bobs, callsFor } = await acknowledged();
    await step();
    await bobs.close();
    await expect.poll(() => callsFor("phone")).not.toEqual([]);
    await step();
    const phone = await connectDevice(bob);
    await phone.next("SYNC_COMPLETE");
    expect(phone.contents()).toEqual([]);
    expect(
      await env.CONVERSATIONS.getByName(conversation_id).receipts(alice.user_id, message_id),
    ).toMatchObject({ value: { delivered: [{ user_id: bob.user_id }] } });
  });
});

describe("what a client sends right before it closes its socket", () => {
  it("[DLV-5] [DLV-1] counts, over either socket", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const tablet = await newSession(bob.user_id, "tablet");
    const conversation_id = await oneOnOne(alice, bob);
    const open = await connectConversation(bob, conversation_id, { batch: true });
    const device = await connectDevice(tablet, { batch: true });
    await send(alice, conversation_id, "1");
    await Promise.all([open.next("MESSAGE_RECEIVE"), device.next("MESSAGE_RECEIVE")]);
    for (const socket of [open, device]) {
      socket.send(acking(conversation_id, 1), sending(conversation_id, "bye"));
      await socket.close();
    }
    const history = () => env.CONVERSATIONS.getByName(conversation_id).history(bob.user_id, { limit: 10 });
    await expect
      .poll(async () => {
        const page = await history();
        return page.ok ? page.value.items.map(({ content }) => content) : [];
      })
      .toEqual(["1", "bye", "bye"]);
    await evictAllDurableObjects();
    for (const session of [bob, tablet]) {
      const back = await connectDevice(session);
      await back.next("SYNC_COMPLETE");
      expect(back.contents()).not.toContain("1");
    }
  });

  it("[DLV-5] counts, an ack alone too", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const open = await connectConversation(bob, conversation_id);
    await send(alice, conversation_id, "1");
    await open.next("MESSAGE_RECEIVE");
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 1 });
    const handOver = vi.spyOn(UserObject.prototype, "handOver");
    open.send(acking(conversation_id, 1));
    await open.close();
    await expect
      .poll(() => handOver.mock.calls.flatMap(([{ acks }]) => acks))
      .toMatchObject([{ device_id: "phone", seq: 1 }]);
  });

  it("[DLV-5] is not forgotten where its user's object cannot be reached", async () => {
    const { alice, bob, conversation_id, message_id, bobs } = await acknowledged();
    await evictAllDurableObjects();
    const handOver = vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("not now"));
    await bobs.close();
    const receipts = () => env.CONVERSATIONS.getByName(conversation_id).receipts(alice.user_id, message_id);
    const delivered = { value: { delivered: [{ user_id: bob.user_id }] } };
    await expect.poll(receipts).toMatchObject(delivered);
    await evictAllDurableObjects();
    handOver.mockRestore();
    expect(await receipts()).toMatchObject(delivered);
  });
});

/** What came meanwhile reaches Bob's inbox, up to entry 3, and his phone comes back: what it is pushed. */
async function pushedOnReturn(bob: Identity, conversation_id: string, before: TestSocket) {
  await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id));
  await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 3 });
  await before.close();
  const phone = await connectDevice(bob);
  await phone.next("SYNC_COMPLETE");
  return phone.contents();
}

describe("an ack of what is still on its way to the inbox", () => {
  it("[DLV-1] counts when it comes, and what comes later is pushed", async () => {
    const { alice, bob, conversation_id, bobs } = await acknowledged();
    const handOver = vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("not now"));
    await send(alice, conversation_id, "2");
    await bobs.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === 2);
    const before = await connectDevice(bob);
    await before.next("SYNC_COMPLETE");
    before.send(acking(conversation_id, 2));
    await send(alice, conversation_id, "3");
    handOver.mockRestore();
    expect(await pushedOnReturn(bob, conversation_id, before)).toEqual(["3"]);
  });
});

describe("an ack of two messages that come to the inbox one after the other", () => {
  it("[DLV-1] counts for both", async () => {
    const { alice, bob, conversation_id, bobs } = await acknowledged();
    const handOver = vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("not now"));
    for (const content of ["2", "3"]) await send(alice, conversation_id, content);
    await bobs.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === 3);
    const before = await connectDevice(bob);
    await before.next("SYNC_COMPLETE");
    before.send(acking(conversation_id, 3));
    let isFirst = true;
    handOver.mockImplementation(function (this: UserObject, given) {
      const entries = given.entries.slice(0, isFirst ? 1 : undefined);
      if (given.face.peer_id === alice.user_id) isFirst = false;
      return handOverWhole.call(this, { ...given, entries });
    });
    expect(await pushedOnReturn(bob, conversation_id, before)).toEqual([]);
  });
});

describe("a catch-up that leaves out what was acknowledged elsewhere", () => {
  it("[SEQ-2] [DLV-1] does not leave out what comes in meanwhile", async () => {
    const { alice, bob, conversation_id } = await acknowledged();
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const stretch = { after_seq: 0, limit: 100 };
    for (const content of ["2", "3"]) await send(alice, conversation_id, content);
    const read = async (after_seq: number, up_to_seq: number) =>
      (await conversation.readEntries(bob.user_id, "phone", { ...stretch, after_seq, up_to_seq }))?.map(
        ({ seq }) => seq,
      );
    expect(await read(0, 1)).toEqual([]);
    expect(await read(0, 2)).toEqual([2]);
    expect(await read(1, 3)).toEqual([2, 3]);
    const phone = await connectDevice(bob);
    await phone.next("SYNC_COMPLETE");
    expect(phone.contents()).toEqual(["2", "3"]);
  });
});

describe("an ack on its way to the user's object", () => {
  it("[DLV-1] keeps a catch-up from pushing again what it acknowledges", async () => {
    const { alice, bob, conversation_id } = await acknowledged();
    const handOver = vi.spyOn(UserObject.prototype, "handOver");
    handOver.mockImplementation(async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      throw new Error("not now");
    });
    await send(alice, conversation_id, "2");
    await expect.poll(() => handOver.mock.calls.flatMap(([{ acks }]) => acks)).toHaveLength(1);
    const entries = await env.CONVERSATIONS.getByName(conversation_id).readEntries(bob.user_id, "phone", {
      after_seq: 0,
      up_to_seq: 2,
      limit: 100,
    });
    // A pending call would keep the objects from being evicted.
    await Promise.allSettled(handOver.mock.results.map(({ value }) => value));
    expect(entries?.map(({ seq }) => seq)).toEqual([2]);
  });
});

describe("ticks", () => {
  it("[DLV-5] of a device that lags tell the user's furthest, though the conversation has slept", async () => {
    const { alice, bob, conversation_id, alices, bobs, callsFor } = await acknowledged();
    const tablet = await newSession(bob.user_id, "tablet");
    for (const content of ["2", "3"]) await send(alice, conversation_id, content);
    await bobs.count("MESSAGE_RECEIVE", 3);
    bobs.send(acking(conversation_id, 3));
    await alices.next("MESSAGE_ACK", ({ payload }) => payload.status === "delivered" && payload.seq === 3);
    await bobs.close();
    await expect.poll(() => callsFor("phone").at(-1)).toMatchObject([{ acks: [{ seq: 3 }] }]);
    await evictAllDurableObjects();
    const late = await connectConversation(tablet, conversation_id);
    late.send(acking(conversation_id, 2));
    const told = () => alices.all("MESSAGE_ACK").filter(({ payload }) => payload.status === "delivered");
    await expect.poll(() => told().length).toBe(3);
    expect(told().map(({ payload }) => payload.seq)).toEqual([1, 3, 3]);
  });
});

describe("delivered marks of a group too large to ask", () => {
  it("[DLV-5] are in a row by the time its members' sockets let it sleep", async () => {
    const [owner, bob, ...others] = await Promise.all(Array.from({ length: 10 }, () => newUser()));
    if (!owner || !bob) throw new Error("there are ten");
    const conversation_id = await group(owner, bob, ...others);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const owners = await connectConversation(owner, conversation_id);
    const device = await connectDevice(bob);
    const { message_id } = await send(owner, conversation_id, "1");
    await device.next("MESSAGE_RECEIVE");
    device.send(acking(conversation_id, 1));
    await owners.next("MESSAGE_ACK", ({ payload }) => payload.status === "delivered");
    await runDurableObjectAlarm(conversation);
    await device.close();
    await evictAllDurableObjects();
    expect(await conversation.receipts(owner.user_id, message_id)).toMatchObject({
      value: { delivered: [{ user_id: bob.user_id }] },
    });
  });
});
