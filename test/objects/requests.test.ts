import { abortAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { oneOnOneId } from "../../src/domain/conversation-id.ts";
import type { Identity } from "../../src/domain/identity.ts";
import { oneOnOneMembers } from "../../src/domain/membership.ts";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import {
  acking,
  connectConversation,
  connectDevice,
  inboxRow,
  newUser,
  oneOnOne,
  STEPS,
  send,
} from "../support/workerd/world.ts";

afterEach(() => vi.restoreAllMocks());

/** `stranger` begins to write to `other`, to whom that is a request. */
async function request(stranger: Identity, other: Identity): Promise<string> {
  const conversation_id = oneOnOneId(stranger.user_id, other.user_id);
  const members = oneOnOneMembers(stranger.user_id, other.user_id).map((member) =>
    member.user_id === other.user_id ? { ...member, is_request: true } : member,
  );
  const created = await env.CONVERSATIONS.getByName(conversation_id).create({
    ...{ conversation_id, type: "one_on_one", name: null, description: null, members },
    created_by: stranger.user_id,
  });
  if (!created.ok) throw new Error(created.refusal.code);
  return conversation_id;
}

function accept(who: Identity, conversation_id: string) {
  return env.USERS.getByName(who.user_id).acceptRequest(who, conversation_id);
}

async function list(who: Identity, requests?: boolean): Promise<string[]> {
  const page = await env.USERS.getByName(who.user_id).listInbox(who, { limit: 10, requests });
  return page.ok ? page.value.items.map((row) => row.conversation_id) : [];
}

describe.each(STEPS)("a request, %s", (_, step) => {
  it("is one to whom it is made, and not to who makes it", async () => {
    const [eve, bob, carol] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await request(eve, bob);
    const known = await oneOnOne(carol, bob);
    await step();
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ is_request: true });
    expect(await inboxRow(eve, conversation_id)).toMatchObject({ is_request: false });
    expect(await list(bob, true)).toEqual([conversation_id]);
    expect(await list(bob, false)).toEqual([known]);
    expect((await list(bob)).sort()).toEqual([conversation_id, known].sort());
    await send(eve, conversation_id, "hello?");
    await step();
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ is_request: true });
  });

  it("[DLV-5] gives its sender no sign of what was received and read, until it is accepted", async () => {
    const [eve, bob] = [await newUser(), await newUser()];
    const conversation_id = await request(eve, bob);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const [e, open] = [await connectDevice(eve), await connectConversation(eve, conversation_id)];
    const b = await connectDevice(bob);
    const { message_id } = await send(eve, conversation_id, "hello?");
    await b.next("MESSAGE_RECEIVE");
    await step();
    b.send(acking(conversation_id, 1));
    b.send(acking(conversation_id, 1, "read"));
    await b.next("INBOX_UPDATE", ({ payload }) => payload.read_seq === 1);
    await step();
    const nothing = { value: { delivered: [], read: [] } };
    expect(await conversation.receipts(eve.user_id, message_id)).toMatchObject(nothing);
    const marksOf = async (viewer: Identity) => {
      const page = await conversation.listMembers(viewer.user_id, { limit: 9 });
      return page.ok ? page.value.items.find(({ user_id }) => user_id === bob.user_id) : null;
    };
    expect(await marksOf(eve)).toMatchObject({ delivered_seq: 0, read_seq: 0 });
    expect(await marksOf(bob)).toMatchObject({ delivered_seq: 1, read_seq: 1 });
    const ticks = () =>
      [e, open].map((s) =>
        s
          .all("MESSAGE_ACK")
          .map(({ payload }) => payload.status)
          .sort(),
      );
    expect(ticks()).toEqual([[], []]);
    await step();
    expect(await accept(bob, conversation_id)).toBeNull();
    await expect.poll(ticks).toEqual([
      ["delivered", "read"],
      ["delivered", "read"],
    ]);
    expect(await conversation.receipts(eve.user_id, message_id)).toMatchObject({
      value: { delivered: [{ user_id: bob.user_id }], read: [{ user_id: bob.user_id }] },
    });
  });

  it("[UNR-2] is accepted once and for all, and the other devices hear of it", async () => {
    const [eve, bob] = [await newUser(), await newUser()];
    const conversation_id = await request(eve, bob);
    const device = await connectDevice(bob);
    await device.next("SYNC_COMPLETE");
    await step();
    expect(await accept(bob, conversation_id)).toBeNull();
    await device.next("INBOX_UPDATE", ({ payload }) => !payload.is_request);
    await step();
    const accepting = vi.spyOn(ConversationObject.prototype, "act");
    expect(await accept(bob, conversation_id)).toBeNull();
    expect(accepting).not.toHaveBeenCalled();
    await send(eve, conversation_id, "thanks");
    await device.next("MESSAGE_RECEIVE");
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ is_request: false, unread_count: 1 });
  });

  it("[TYPE-1] shows neither that the other types, until it is accepted", async () => {
    const [eve, bob] = [await newUser(), await newUser()];
    const conversation_id = await request(eve, bob);
    const [e, b] = [
      await connectConversation(eve, conversation_id, { batch: true }),
      await connectConversation(bob, conversation_id, { batch: true }),
    ];
    const typing = { type: "TYPING_INDICATOR", payload: { conversation_id, is_typing: true } } as const;
    await step();
    for (const socket of [e, b]) {
      socket.send(typing, { type: "HEARTBEAT_PING", request_id: "handled" });
      await socket.next("HEARTBEAT_PONG");
    }
    await accept(bob, conversation_id);
    b.send(typing);
    expect((await e.next("TYPING_INDICATOR")).payload.user_id).toBe(bob.user_id);
    expect([...e.all("TYPING_INDICATOR"), ...b.all("TYPING_INDICATOR")]).toHaveLength(1);
  });

  it("is accepted by an answer", async () => {
    const [eve, bob] = [await newUser(), await newUser()];
    const conversation_id = await request(eve, bob);
    const [e, device] = [await connectDevice(eve), await connectDevice(bob)];
    await send(eve, conversation_id, "hello?");
    await device.next("MESSAGE_RECEIVE");
    device.send(acking(conversation_id, 1));
    await step();
    await send(bob, conversation_id, "hello!");
    await device.next("INBOX_UPDATE", ({ payload }) => !payload.is_request);
    await e.next("MESSAGE_ACK", ({ payload }) => payload.status === "delivered");
    await step();
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ is_request: false });
  });

  it("[SEC-2] is nobody else's to accept", async () => {
    const [eve, bob, mallory] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await request(eve, bob);
    await step();
    expect(await accept(mallory, conversation_id)).toMatchObject({ code: "conversation_not_found" });
    expect(await accept(mallory, oneOnOneId(mallory.user_id, bob.user_id))).toMatchObject({
      code: "conversation_not_found",
    });
    // Its sender has nothing to accept, and cannot do so for the other.
    expect(await accept(eve, conversation_id)).toBeNull();
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ is_request: true });
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    expect(await conversation.act(mallory.user_id, { kind: "accept" })).toMatchObject({
      code: "conversation_not_found",
    });
  });
});

describe("a request, when things break", () => {
  it("is still one when a crash came before its receiver was told of it", async () => {
    const [eve, bob] = [await newUser(), await newUser()];
    const handOver = vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("not now"));
    const conversation_id = await request(eve, bob);
    await abortAllDurableObjects();
    handOver.mockRestore();
    await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id));
    await expect.poll(() => list(bob, true)).toEqual([conversation_id]);
  });

  it("is accepted though the answer of its conversation was lost", async () => {
    const [eve, bob] = [await newUser(), await newUser()];
    const conversation_id = await request(eve, bob);
    const { act } = ConversationObject.prototype;
    const accepting = vi.spyOn(ConversationObject.prototype, "act");
    const handOver = vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("not now"));
    accepting.mockImplementation(async function (this: ConversationObject, ...args) {
      await act.apply(this, args);
      throw new Error("the answer is lost");
    });
    expect(await accept(bob, conversation_id)).toMatchObject({ code: "unavailable" });
    expect(await list(bob, true)).toEqual([conversation_id]);
    accepting.mockRestore();
    handOver.mockRestore();
    await send(eve, conversation_id, "hello?");
    await expect.poll(() => list(bob, true)).toEqual([]);
    expect(await accept(bob, conversation_id)).toBeNull();
  });
});
