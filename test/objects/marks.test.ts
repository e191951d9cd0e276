import { evictAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, assert, describe, expect, it, vi } from "vitest";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { refusal } from "../../src/protocol/errors.ts";
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
} from "../support/workerd/world.ts";

afterEach(() => vi.restoreAllMocks());

describe.each(STEPS)("marks, %s", (_, step) => {
  it("[DLV-5] turns the sender's ticks on the device's acks, never on a push", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const [a, b] = [await connectDevice(alice), await connectDevice(bob)];
    const { message_id } = await send(alice, conversation_id, "hi");
    await b.next("MESSAGE_RECEIVE");
    await step();
    expect(await conversation.receipts(alice.user_id, message_id)).toMatchObject({
      value: { delivered: [], read: [] },
    });
    b.send(acking(conversation_id, 1));
    const delivered = await a.next("MESSAGE_ACK", ({ payload }) => payload.status === "delivered");
    expect(delivered.payload).toMatchObject({ conversation_id, user_id: bob.user_id, seq: 1 });
    await step();
    b.send(acking(conversation_id, 1, "read"));
    const read = await a.next("MESSAGE_ACK", ({ payload }) => payload.status === "read");
    expect(read.payload).toMatchObject({ user_id: bob.user_id, seq: 1 });
    await step();
    expect(await conversation.receipts(alice.user_id, message_id)).toMatchObject({
      value: { delivered: [{ user_id: bob.user_id }], read: [{ user_id: bob.user_id }] },
    });
  });

  it("[DLV-5] holds a mark to the head, and never moves it back", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    for (const content of ["1", "2"]) await send(alice, conversation_id, content);
    await step();
    const ahead = await conversation.mark(bob.user_id, "read", Number.MAX_SAFE_INTEGER);
    expect(ahead).toMatchObject({ value: { delivered_seq: 2, read: { read_seq: 2, unread_count: 0 } } });
    await step();
    const back = await conversation.mark(bob.user_id, "read", 1);
    expect(back).toMatchObject({ value: { delivered_seq: 2, read: { read_seq: 2, unread_count: 0 } } });
  });

  it("[UNR-1] counts on from what was read, whatever comes meanwhile", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const user = env.USERS.getByName(bob.user_id);
    for (let n = 1; n <= 5; n++) await send(alice, conversation_id, `${n}`);
    await step();
    const [read] = await Promise.all([
      user.markRead(bob, conversation_id, 3),
      send(alice, conversation_id, "6"),
      send(alice, conversation_id, "7"),
    ]);
    expect(read).toMatchObject({ ok: true, value: { read_seq: 3 } });
    await step();
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 7, unread_count: 4 });
    expect(await user.markRead(bob, conversation_id, 7)).toMatchObject({ value: { unread_count: 0 } });
    expect(await inboxRow(alice, conversation_id)).toMatchObject({ unread_count: 0 });
  });

  it("[UNR-1] counts a message that comes right after a read on a conversation socket", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const open = await connectConversation(bob, conversation_id);
    await send(alice, conversation_id, "1");
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 1 });
    await step();
    open.send(acking(conversation_id, 1, "read"));
    const [delivered] = [await open.next("MESSAGE_RECEIVE"), await send(alice, conversation_id, "2")];
    expect(delivered.payload.seq).toBe(1);
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 2, read_seq: 1 });
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ unread_count: 1 });
  });

  it("[UNR-2] [DLV-2] takes what was read on a conversation socket to the inbox and the device's position", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const tablet = await newSession(bob.user_id, "tablet");
    const conversation_id = await oneOnOne(alice, bob);
    const other = await connectDevice(tablet);
    const open = await connectConversation(bob, conversation_id);
    await send(alice, conversation_id, "hi");
    await open.next("MESSAGE_RECEIVE");
    await step();
    open.send(acking(conversation_id, 1, "read"));
    const update = await other.next("INBOX_UPDATE", ({ payload }) => payload.read_seq === 1);
    expect(update.payload.unread_count).toBe(0);
    await step();
    const phone = await connectDevice(bob);
    await phone.next("SYNC_COMPLETE");
    expect(phone.contents()).toEqual([]);
  });
});

describe("a delivered mark on its way when its conversation falls asleep", () => {
  it("[DLV-5] is told as far as a newer one was before", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const [a, b] = [await connectDevice(alice), await connectDevice(bob)];
    for (const content of ["1", "2"]) await send(alice, conversation_id, content);
    await b.count("MESSAGE_RECEIVE", 2);
    b.send(acking(conversation_id, 2));
    await a.next("MESSAGE_ACK", ({ payload }) => payload.status === "delivered");
    await evictAllDurableObjects();
    await env.CONVERSATIONS.getByName(conversation_id).mark(bob.user_id, "delivered", 1);
    const told = await a.count("MESSAGE_ACK", 2);
    expect(told.map(({ payload }) => payload.seq)).toEqual([2, 2]);
  });
});

describe("a delivered mark that its conversation did not take", () => {
  const failed = vi.fn<ConversationObject["mark"]>().mockRejectedValue(new Error("not now"));
  const refused = vi
    .fn<ConversationObject["mark"]>()
    .mockResolvedValue({ ok: false, refusal: refusal("unavailable") });

  it.each([
    ["the call failed", failed],
    ["the commit failed", refused],
  ])("[DLV-5] is brought again, though nothing more is said: %s", async (_, instead) => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const [a, b] = [await connectDevice(alice), await connectDevice(bob)];
    await send(alice, conversation_id, "1");
    await b.next("MESSAGE_RECEIVE");
    const mark = vi.spyOn(ConversationObject.prototype, "mark").mockImplementation(instead);
    b.send(acking(conversation_id, 1));
    await expect.poll(() => mark.mock.calls.length).toBeGreaterThan(0);
    mark.mockRestore();
    const { payload } = await a.next("MESSAGE_ACK", (frame) => frame.payload.status === "delivered");
    expect(payload).toMatchObject({ user_id: bob.user_id, seq: 1 });
  });
});

describe("a delivered mark that moved after its conversation woke", () => {
  it("[DLV-5] is told, although the first word of it comes with the answer to a newer message", async () => {
    const [alice, bob, cem] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await group(alice, bob, cem);
    await send(alice, conversation_id, "1");
    const a = await connectDevice(alice);
    await a.next("SYNC_COMPLETE");
    await evictAllDurableObjects();
    // Bob's return wakes the conversation, and brings no word of how far he has got.
    const b = await connectDevice(bob);
    const { payload } = await b.next("MESSAGE_RECEIVE", (frame) => frame.payload.content === "1");
    b.send(acking(conversation_id, payload.seq));
    await b.next("SYNC_COMPLETE");
    await send(cem, conversation_id, "2");
    await b.next("MESSAGE_RECEIVE", (frame) => frame.payload.content === "2");
    const told = await a.next("MESSAGE_ACK", (frame) => frame.payload.status === "delivered");
    expect(told.payload).toMatchObject({ user_id: bob.user_id, seq: payload.seq });
  });
});

describe("a delivered mark that is due when a hand-over comes late from its conversation's last life", () => {
  it("[DLV-5] does not go with that answer, which nobody hears", async () => {
    const [alice, bob, cem] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await group(alice, bob, cem);
    const [a, b] = [await connectDevice(alice), await connectDevice(bob)];
    const handOver = vi.spyOn(UserObject.prototype, "handOver");
    await send(alice, conversation_id, "1");
    const { payload } = await b.next("MESSAGE_RECEIVE");
    const late = handOver.mock.calls.map(([given]) => given).find(({ entries }) => entries.length > 0);
    assert(late);
    b.send(acking(conversation_id, payload.seq));
    const user = env.USERS.getByName(bob.user_id);
    await expect.poll(() => user.handOver(late)).toMatchObject({ delivered_seq: payload.seq });
    const told = await a.next("MESSAGE_ACK", (frame) => frame.payload.status === "delivered");
    expect(told.payload).toMatchObject({ user_id: bob.user_id, seq: payload.seq });
  });
});
