import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import type { TestSocket } from "../support/workerd/test-socket.ts";
import {
  acking,
  connectConversation,
  connectDevice,
  group,
  inboxRow,
  newUser,
  oneOnOne,
  STEPS,
  send,
} from "../support/workerd/world.ts";

afterEach(() => vi.restoreAllMocks());

let version = 0;

function setReceipts(who: Identity, read_receipts: boolean): Promise<void> {
  const chosen = {
    read_receipts,
    last_seen: "friends",
    who_may_write: "everyone",
    version: ++version,
  } as const;
  return env.USERS.getByName(who.user_id).setPrivacy(chosen);
}

function markRead(who: Identity, conversation_id: string, seq: number) {
  return env.USERS.getByName(who.user_id).markRead(who, conversation_id, seq);
}

/** Who is seen to have read a message, by whom. */
async function readersOf(viewer: Identity, conversation_id: string, message_id: string): Promise<string[]> {
  const conversation = env.CONVERSATIONS.getByName(conversation_id);
  const receipts = await conversation.receipts(viewer.user_id, message_id);
  return receipts.ok ? receipts.value.read.map(({ user_id }) => user_id) : [];
}

async function readSeqOf(viewer: Identity, conversation_id: string, other: Identity) {
  const conversation = env.CONVERSATIONS.getByName(conversation_id);
  const page = await conversation.listMembers(viewer.user_id, { limit: 100 });
  return page.ok ? page.value.items.find(({ user_id }) => user_id === other.user_id)?.read_seq : null;
}

function readTicks(...sockets: TestSocket[]): number {
  return sockets.flatMap((s) => s.all("MESSAGE_ACK")).filter(({ payload }) => payload.status === "read")
    .length;
}

describe.each(STEPS)("who gives no read receipts, %s", (_, step) => {
  it("[DLV-6] [UNR-1] is not seen to read, over whichever way, and has read all the same", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const alices = [await connectDevice(alice), await connectConversation(alice, conversation_id)];
    const [device, open] = [await connectDevice(bob), await connectConversation(bob, conversation_id)];
    // After its socket was opened: the conversation is told of it.
    await setReceipts(bob, false);
    const ids: string[] = [];
    for (const content of ["1", "2", "3"]) ids.push((await send(alice, conversation_id, content)).message_id);
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 3 });
    await step();
    expect(await markRead(bob, conversation_id, 1)).toMatchObject({ value: { unread_count: 2 } });
    device.send(acking(conversation_id, 2, "read"));
    await device.next("INBOX_UPDATE", ({ payload }) => payload.read_seq === 2);
    await step();
    open.send(acking(conversation_id, 3, "read"));
    await device.next("INBOX_UPDATE", ({ payload }) => payload.unread_count === 0);
    const delivered = alices.map((s) =>
      s.next("MESSAGE_ACK", ({ payload }) => payload.status === "delivered" && payload.seq === 3),
    );
    await Promise.all(delivered);
    expect(readTicks(...alices)).toBe(0);
    for (const id of ids) expect(await readersOf(alice, conversation_id, id)).toEqual([]);
    expect(await readSeqOf(alice, conversation_id, bob)).toBe(0);
    expect(await readSeqOf(bob, conversation_id, bob)).toBe(3);
  });

  it("[DLV-6] does not see others read, neither by frames nor when it asks", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    await setReceipts(bob, false);
    const [device, open] = [await connectDevice(bob), await connectConversation(bob, conversation_id)];
    const { message_id } = await send(bob, conversation_id, "hi");
    await expect.poll(() => inboxRow(alice, conversation_id)).toMatchObject({ head_seq: 1 });
    await step();
    await markRead(alice, conversation_id, 1);
    await send(alice, conversation_id, "hello");
    await Promise.all([device.next("MESSAGE_RECEIVE"), open.next("MESSAGE_RECEIVE")]);
    expect(readTicks(device, open)).toBe(0);
    expect(await readersOf(bob, conversation_id, message_id)).toEqual([]);
    expect(await readSeqOf(bob, conversation_id, alice)).toBe(0);
    const user = env.USERS.getByName(bob.user_id);
    expect(await user.admitReader(bob)).toEqual({ ok: true, value: { read_receipts: false } });
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    expect(await conversation.receipts(bob.user_id, message_id, false)).toMatchObject({
      value: { read: [] },
    });
  });

  it("[DLV-6] turned off and on again, nothing is told afterwards", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const ids: string[] = [];
    for (const content of ["1", "2", "3"]) ids.push((await send(alice, conversation_id, content)).message_id);
    const [first = "", second = "", third = ""] = ids;
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 3 });
    const seen = () => readSeqOf(alice, conversation_id, bob);
    await markRead(bob, conversation_id, 1);
    expect(await seen()).toBe(1);
    await setReceipts(bob, false);
    await step();
    await markRead(bob, conversation_id, 2);
    expect(await seen()).toBe(1);
    expect(await readersOf(alice, conversation_id, first)).toEqual([bob.user_id]);
    expect(await readersOf(alice, conversation_id, second)).toEqual([]);
    await setReceipts(bob, true);
    await step();
    await markRead(bob, conversation_id, 2);
    expect(await seen()).toBe(1);
    await markRead(bob, conversation_id, 3);
    expect(await seen()).toBe(3);
    expect(await readersOf(alice, conversation_id, third)).toEqual([bob.user_id]);
  });

  it("[DLV-6] in a group neither", async () => {
    const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await group(alice, bob, carol);
    await setReceipts(bob, false);
    const [a, b] = [await connectConversation(alice, conversation_id), await connectDevice(bob)];
    const { message_id } = await send(alice, conversation_id, "hi");
    await expect.poll(() => inboxRow(carol, conversation_id)).toMatchObject({ head_seq: 1 });
    await b.next("MESSAGE_RECEIVE");
    await step();
    await markRead(bob, conversation_id, 1);
    await markRead(carol, conversation_id, 1);
    const tick = await a.next("MESSAGE_ACK", ({ payload }) => payload.status === "read");
    expect(tick.payload).toMatchObject({ user_id: carol.user_id });
    await a.next("MESSAGE_ACK", ({ payload }) => payload.status === "delivered");
    await step();
    expect(readTicks(a)).toBe(1);
    expect(readTicks(b)).toBe(0);
    expect(await readersOf(alice, conversation_id, message_id)).toEqual([carol.user_id]);
    expect(await readersOf(bob, conversation_id, message_id)).toEqual([]);
    expect(await readSeqOf(carol, conversation_id, bob)).toBe(0);
  });

  it("[DLV-6] a choice that is made again is told again: what told of it may have been cut short", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    await connectConversation(bob, conversation_id);
    const told = vi.spyOn(ConversationObject.prototype, "act").mockRejectedValue(new Error("not now"));
    await setReceipts(bob, false);
    told.mockReset();
    await step();
    await setReceipts(bob, false);
    expect(told.mock.calls).toEqual([[bob.user_id, { kind: "receipts", read_receipts: false }]]);
    await step();
    expect(await env.USERS.getByName(bob.user_id).admitReader(bob)).toMatchObject({
      value: { read_receipts: false },
    });
  });
});
