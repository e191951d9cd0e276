import { evictAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import {
  acking,
  connectConversation,
  connectDevice,
  group,
  inboxRow,
  newUser,
  send,
} from "../support/workerd/world.ts";

async function newUsers(count: number): Promise<Identity[]> {
  return Promise.all(Array.from({ length: count }, () => newUser()));
}

const DELIVERED = (ack: { payload: { status: string } }) => ack.payload.status === "delivered";

describe("marks in a group", () => {
  it("[DLV-5] are told to all members together, but for a member's own", async () => {
    const [owner, bob, carol] = await newUsers(3);
    if (!owner || !bob || !carol) throw new Error("there are three");
    const conversation_id = await group(owner, bob, carol);
    const sockets = await Promise.all(
      [owner, bob, carol].map((user) => connectConversation(user, conversation_id, { batch: true })),
    );
    const [, bobs, carols] = sockets;
    await send(owner, conversation_id, "1");
    for (const socket of [bobs, carols]) {
      await socket?.next("MESSAGE_RECEIVE");
      socket?.send(acking(conversation_id, 1));
    }
    for (const [index, told] of [[bob, carol], [carol], [bob]].entries()) {
      const socket = sockets[index];
      await expect.poll(() => socket?.all("MESSAGE_ACK").filter(DELIVERED).length).toBe(told.length);
      const members = socket
        ?.all("MESSAGE_ACK")
        .map(({ payload }) => "user_id" in payload && payload.user_id);
      expect(members?.sort()).toEqual(told.map(({ user_id }) => user_id).sort());
    }
  });

  it("[DLV-5] when it has slept are told to those whose messages they pass", async () => {
    const [owner, bob, carol] = await newUsers(3);
    if (!owner || !bob || !carol) throw new Error("there are three");
    const conversation_id = await group(owner, bob, carol);
    const owners = await connectDevice(owner);
    await send(owner, conversation_id, "1");
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 1 });
    await evictAllDurableObjects();
    await env.USERS.getByName(bob.user_id).markRead(bob, conversation_id, 1);
    const { payload } = await owners.next("MESSAGE_ACK", (frame) => frame.payload.status === "read");
    expect(payload).toMatchObject({ user_id: bob.user_id, seq: 1 });
  });

  it("[DLV-5] in a group of more than 100 are told to those alone whose messages they pass", async () => {
    const [owner, bob, carol, ...others] = await newUsers(101);
    if (!owner || !bob || !carol) throw new Error("there are more");
    const conversation_id = await group(owner, bob, carol, ...others);
    const owners = await connectConversation(owner, conversation_id);
    const ownersDevice = await connectDevice(owner);
    const bobs = await connectConversation(bob, conversation_id);
    const carols = await connectConversation(carol, conversation_id);
    await send(owner, conversation_id, "1");
    await bobs.next("MESSAGE_RECEIVE");
    bobs.send(acking(conversation_id, 1));
    for (const socket of [owners, ownersDevice]) {
      await expect.poll(() => socket.all("MESSAGE_ACK").filter(DELIVERED)).toHaveLength(1);
    }
    await send(carol, conversation_id, "2");
    await owners.next("MESSAGE_RECEIVE");
    owners.send(acking(conversation_id, 2));
    await expect.poll(() => carols.all("MESSAGE_ACK").filter(DELIVERED)).toHaveLength(1);
    expect(bobs.all("MESSAGE_ACK")).toEqual([]);
    expect(owners.all("MESSAGE_ACK").filter(DELIVERED)).toHaveLength(1);
  });
});
