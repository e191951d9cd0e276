import { evictAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { v7 as newId } from "uuid";
import { afterEach, describe, expect, it, vi } from "vitest";
import { UserObject } from "../../src/objects/user/user-object.ts";
import {
  acking,
  connectConversation,
  connectDevice,
  draft,
  group,
  inboxRow,
  newUser,
  oneOnOne,
  STEPS,
  send,
  sending,
  upgradeConversation,
} from "../support/workerd/world.ts";

afterEach(() => vi.restoreAllMocks());

describe.each(STEPS)("access, %s", (_, step) => {
  it("[SEC-2] [SEND-3] a stranger gets the same answers as for a conversation that does not exist", async () => {
    const [alice, bob, mallory] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const { message_id } = await send(alice, conversation_id, "secret");
    await step();
    const answers = async (id: string) => {
      const conversation = env.CONVERSATIONS.getByName(id);
      const user = env.USERS.getByName(mallory.user_id);
      const upgrade = await upgradeConversation(mallory, id);
      return [
        await conversation.describe(mallory.user_id),
        await conversation.listMembers(mallory.user_id, { limit: 10 }),
        await conversation.history(mallory.user_id, { limit: 10 }),
        await conversation.receipts(mallory.user_id, message_id),
        await conversation.seqOf(mallory.user_id, message_id),
        await conversation.mark(mallory.user_id, "read", 1),
        await conversation.readEntries(mallory.user_id, "phone", { after_seq: 0, up_to_seq: 10, limit: 10 }),
        await user.sendMessage(mallory, id, draft("let me in", "same")),
        await user.markRead(mallory, id, 1),
        upgrade.status,
        await upgrade.text(),
      ];
    };
    const strange = await answers(conversation_id);
    expect(strange).toEqual(await answers(newId()));
    expect(strange[0]).toMatchObject({ ok: false, refusal: { code: "conversation_not_found" } });
    const device = await connectDevice(mallory);
    device.send({ ...sending(conversation_id, "x"), request_id: "s" });
    device.send({ ...acking(conversation_id, 1, "read"), request_id: "a" });
    await device.count("ERROR", 2);
    const codes = device.all("ERROR").map(({ payload }) => payload.code);
    expect(codes).toEqual(["conversation_not_found", "conversation_not_found"]);
  });

  it("[SEC-2] a stranger who asks has no member's object called, by which the time would tell", async () => {
    const [alice, bob, mallory] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const { message_id } = await send(alice, conversation_id, "secret");
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 1 });
    await evictAllDurableObjects();
    const handOver = vi.spyOn(UserObject.prototype, "handOver");
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const ask = async (user_id: string) => {
      await conversation.listMembers(user_id, { limit: 10 });
      await conversation.receipts(user_id, message_id);
      return handOver.mock.calls.length;
    };
    expect(await ask(mallory.user_id)).toBe(0);
    expect(await ask(alice.user_id)).toBeGreaterThan(0);
  });

  it("[CONV-1] fifty who create a pair's conversation at once get the same one", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const ids = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 ? oneOnOne(alice, bob) : oneOnOne(bob, alice))),
    );
    await step();
    expect(new Set(ids).size).toBe(1);
    const described = await env.CONVERSATIONS.getByName(ids[0] ?? "").describe(bob.user_id);
    expect(described).toMatchObject({ ok: true, value: { member_count: 2, peer_id: alice.user_id } });
  });

  it("[CONV-2] a group has at least three members, and its creator owns it", async () => {
    const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
    await expect(group(alice, bob)).rejects.toThrow("at least 3");
    const conversation_id = await group(alice, bob, carol);
    await step();
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    expect(await conversation.describe(alice.user_id)).toMatchObject({
      value: { role: "owner", member_count: 3 },
    });
    expect(await conversation.describe(carol.user_id)).toMatchObject({ value: { role: "member" } });
  });

  it("[SEND-3] takes the sender from the session, whatever the frame says", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const open = await connectConversation(alice, conversation_id);
    await step();
    const frame = sending(conversation_id, "as bob");
    open.send({ ...frame, payload: { ...frame.payload, sender_id: bob.user_id, user_id: bob.user_id } });
    await open.next("MESSAGE_ACK");
    const page = await env.CONVERSATIONS.getByName(conversation_id).history(bob.user_id, { limit: 1 });
    expect(page).toMatchObject({ value: { items: [{ sender_id: alice.user_id }] } });
  });

  it("[SEND-4] names the cause of each bad frame and goes on", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const sockets = [await connectConversation(alice, conversation_id), await connectDevice(alice)];
    await step();
    for (const socket of sockets) {
      socket.sendRaw("{not json");
      socket.sendRaw(new Uint8Array([1, 2, 3]).buffer);
      socket.send({ type: "NO_SUCH_FRAME", request_id: "unknown" });
      socket.send({ type: "MESSAGE_SEND", request_id: "empty", payload: {} });
      socket.send(sending(conversation_id, "lone \ud800 surrogate"));
      socket.send(sending(conversation_id, "nul \0"));
      socket.send(sending(conversation_id, "x".repeat(100_001)));
      socket.sendRaw(`"${"x".repeat(600_000)}"`);
      socket.send(sending(conversation_id, "fine"));
      await socket.next("MESSAGE_ACK");
      await socket.count("ERROR", 8);
      expect(
        socket
          .all("ERROR")
          .map(({ payload }) => payload.code)
          .sort(),
      ).toEqual(
        [
          ...["invalid_request", "invalid_request", "unknown_type", "invalid_request", "invalid_request"],
          ...["invalid_request", "message_too_long", "payload_too_large"],
        ].sort(),
      );
      expect(socket.all("ERROR").map(({ request_id }) => request_id)).toContain("unknown");
    }
  });
});

describe("made-up ids", () => {
  it("[LIM-2] asking for a conversation or user that does not exist stores nothing", async () => {
    const [alice, ghost] = [await newUser(), newId()];
    await env.CONVERSATIONS.getByName(ghost).history(alice.user_id, { limit: 10 });
    await env.USERS.getByName(ghost).redeemTicket(`${ghost}.made-up`);
    for (const stub of [env.CONVERSATIONS.getByName(ghost), env.USERS.getByName(ghost)]) {
      const tables = await runInDurableObject(stub, (_, state) =>
        state.storage.sql
          .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
          .toArray(),
      );
      expect(tables).toEqual([]);
    }
  });
});
