import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { HandOver } from "../../src/domain/hand-over.ts";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { acking, connectDevice, inboxRow, newUser, oneOnOne, send } from "../support/workerd/world.ts";

afterEach(() => vi.restoreAllMocks());

describe("a read mark", () => {
  it("[UNR-1] whose answer was lost is asked about until the inbox knows of it", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    for (const content of ["1", "2"]) await send(alice, conversation_id, content);
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 2 });
    const { mark: taken } = ConversationObject.prototype;
    const mark = vi.spyOn(ConversationObject.prototype, "mark");
    mark.mockImplementation(async function (this: ConversationObject, ...args) {
      await taken.apply(this, args);
      throw new Error("the answer is lost");
    });
    const user = env.USERS.getByName(bob.user_id);
    expect(await user.markRead(bob, conversation_id, 2)).toMatchObject({ refusal: { code: "unavailable" } });
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ read_seq: 0, unread_count: 2 });
    mark.mockRestore();
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ read_seq: 2, unread_count: 0 });
  });

  it("[UNR-2] is taken before its conversation is in the inbox, over a device socket too", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const lost = vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("the call is lost"));
    const conversation_id = await oneOnOne(alice, bob);
    await send(alice, conversation_id, "1");
    const device = await connectDevice(bob);
    device.send(acking(conversation_id, 1, "read"));
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const readSeq = async () => {
      const members = await conversation.listMembers(alice.user_id, { limit: 10 });
      return members.ok && members.value.items.find(({ user_id }) => user_id === bob.user_id)?.read_seq;
    };
    await expect.poll(readSeq).toBe(1);
    lost.mockRestore();
    await expect
      .poll(() => inboxRow(bob, conversation_id).catch(() => null))
      .toMatchObject({ head_seq: 1, read_seq: 1, unread_count: 0 });
    expect(device.all("ERROR")).toEqual([]);
  });

  it("[UNR-2] that counts entries which have not come in yet says so by the head of its row, which shows them later", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    await send(alice, conversation_id, "1");
    const device = await connectDevice(bob);
    await device.next("MESSAGE_RECEIVE");
    const { peer_id, ...row } = await inboxRow(bob, conversation_id);
    const user = env.USERS.getByName(bob.user_id);
    const handOver: HandOver = {
      face: { ...row, peer_id, created_at: 1, joined_seq: 0, left_seq: null },
      after_seq: 1,
      entries: [],
      acks: [],
      ticks: [],
      read: { read_seq: 1, unread_count: 1, mention_count: 0, as_of_seq: 2 },
    };
    await user.handOver(handOver);
    const update = await device.next("INBOX_UPDATE", ({ payload }) => payload.read_seq === 1);
    expect(update.payload).toMatchObject({ head_seq: 2, unread_count: 1 });
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 2, unread_count: 1 });
    await send(alice, conversation_id, "2");
    await device.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === 2);
    await device.next("INBOX_UPDATE", ({ payload }) => payload.last_message?.content === "2");
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 2, unread_count: 1 });
  });
});
