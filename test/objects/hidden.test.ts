import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { HiddenStore } from "../../src/objects/conversation/hidden-store.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
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
  untilRead,
} from "../support/workerd/world.ts";

afterEach(() => vi.restoreAllMocks());

function hide(who: Identity, conversation_id: string, message_id: string) {
  return env.CONVERSATIONS.getByName(conversation_id).act(who.user_id, { kind: "hide", message_id });
}

/** Alice has sent Bob so many messages; their ids. */
async function talked(...contents: string[]) {
  const [alice, bob] = [await newUser(), await newUser()];
  const conversation_id = await oneOnOne(alice, bob);
  const ids: string[] = [];
  for (const content of contents) ids.push((await send(alice, conversation_id, content)).message_id);
  await expect
    .poll(() => inboxRow(bob, conversation_id))
    .toMatchObject({ head_seq: contents.length, unread_count: contents.length });
  const conversation = () => env.CONVERSATIONS.getByName(conversation_id);
  return { alice, bob, conversation_id, conversation, ids };
}

async function history(who: Identity, conversation_id: string, after_seq?: number) {
  const query = { limit: 10, ...(after_seq !== undefined && { after_seq }) };
  const page = await env.CONVERSATIONS.getByName(conversation_id).history(who.user_id, query);
  if (!page.ok) throw new Error(page.refusal.code);
  return page.value;
}

async function contentsFor(who: Identity, conversation_id: string): Promise<string[]> {
  return (await history(who, conversation_id)).items.map(({ content }) => content);
}

describe.each(STEPS)("a message that its reader has deleted for itself, %s", (_, step) => {
  it("is gone for it alone: from the history, the pins, and what can be passed on", async () => {
    const { alice, bob, conversation_id, conversation, ids } = await talked("1", "2", "3");
    const [, second = ""] = ids;
    await conversation().changeMessage(alice.user_id, second, { kind: "pin" });
    await step();
    expect(await hide(bob, conversation_id, second)).toBeNull();
    await step();
    expect(await contentsFor(bob, conversation_id)).toEqual(["1", "3"]);
    expect(await contentsFor(alice, conversation_id)).toEqual(["1", "2", "3"]);
    expect((await history(bob, conversation_id, 1)).items.map(({ seq }) => seq)).toEqual([3]);
    expect(await conversation().pinned(bob.user_id, 9)).toMatchObject({ value: [] });
    expect(await conversation().pinned(alice.user_id, 9)).toMatchObject({ value: [{ content: "2" }] });
    expect(await conversation().readMessage(bob.user_id, second)).toMatchObject({ ok: false });
  });

  it("[UNR-1] does not count, also when its sender deletes it for everybody later", async () => {
    const { alice, bob, conversation_id, conversation, ids } = await talked("1", "2", "3");
    const [, second = "", third = ""] = ids;
    await hide(bob, conversation_id, second);
    await step();
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 3, unread_count: 2 });
    await conversation().changeMessage(alice.user_id, second, { kind: "delete" });
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 4, unread_count: 2 });
    await step();
    await conversation().changeMessage(alice.user_id, third, { kind: "delete" });
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 5, unread_count: 1 });
    expect(await conversation().mark(bob.user_id, "read", 0)).toMatchObject({
      value: { read: { unread_count: 1 } },
    });
  });

  it("[UNR-1] does not count when it was deleted for everybody before", async () => {
    const { alice, bob, conversation_id, conversation, ids } = await talked("1", "2");
    const [first = ""] = ids;
    await conversation().changeMessage(alice.user_id, first, { kind: "delete" });
    await step();
    expect(await hide(bob, conversation_id, first)).toBeNull();
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 3, unread_count: 1 });
    expect(await contentsFor(bob, conversation_id)).toEqual(["2"]);
  });

  it("is not shown as the last message: the one before it is", async () => {
    const { alice, bob, conversation_id, ids } = await talked("1", "2", "3");
    const [first = "", second = "", third = ""] = ids;
    const shown = async () => (await inboxRow(bob, conversation_id)).last_message?.content;
    await hide(bob, conversation_id, second);
    await step();
    expect(await shown()).toBe("3");
    await hide(bob, conversation_id, third);
    await step();
    expect(await shown()).toBe("1");
    await hide(bob, conversation_id, first);
    expect(await shown()).toBeUndefined();
    await send(alice, conversation_id, "4");
    await expect.poll(shown).toBe("4");
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ unread_count: 1 });
    expect((await inboxRow(alice, conversation_id)).last_message?.content).toBe("4");
  });

  it("[DLV-2] [UNR-2] is hidden on every device: at once, or by last_sync_id when it returns", async () => {
    const { bob, conversation_id, ids } = await talked("1", "2");
    const [first = ""] = ids;
    const away = await newSession(bob.user_id, "away");
    const before = await connectDevice(away);
    await before.next("SYNC_COMPLETE");
    before.send(acking(conversation_id, 2));
    before.send({ type: "HEARTBEAT_PING", request_id: "acked" });
    await before.next("HEARTBEAT_PONG");
    const { sync_id: last_sync_id } = (await before.next("SYNC_COMPLETE")).payload;
    await before.close();
    const [here, open] = [await connectDevice(bob), await connectConversation(bob, conversation_id)];
    await here.next("SYNC_COMPLETE");
    await step();
    await hide(bob, conversation_id, first);
    const wanted = { conversation_id, message_id: first, seq: 1 };
    const { payload } = await here.next("MESSAGE_HIDDEN");
    expect(payload).toMatchObject(wanted);
    const row = (await here.next("INBOX_UPDATE", ({ payload: { unread_count } }) => unread_count === 1))
      .payload;
    // Whoever is cut off after the one is told of the other when it is back.
    expect(payload.sync_id).toBeGreaterThan(last_sync_id);
    expect(row.sync_id).toBeGreaterThan(payload.sync_id ?? Infinity);
    expect(here.frames.findIndex(({ type }) => type === "MESSAGE_HIDDEN")).toBeLessThan(
      here.frames.findIndex((frame) => frame.type === "INBOX_UPDATE" && frame.payload.unread_count === 1),
    );
    expect((await open.next("MESSAGE_HIDDEN")).payload).toEqual(wanted);
    await step();
    const back = await connectDevice(away, { last_sync_id });
    await back.next("SYNC_COMPLETE");
    expect(back.all("MESSAGE_HIDDEN").map((frame) => frame.payload)).toEqual([payload]);
    await back.close();
    await step();
    const again = await connectDevice(away, { last_sync_id: payload.sync_id ?? 0 });
    await again.next("SYNC_COMPLETE");
    expect(again.all("MESSAGE_HIDDEN")).toEqual([]);
    expect(again.all("INBOX_UPDATE")).toMatchObject([{ payload: { sync_id: row.sync_id } }]);
  });

  it("[DLV-1] [SEQ-2] keeps its place, and says nothing, on a device that did not have it yet", async () => {
    const { bob, conversation_id, ids } = await talked("1", "secret", "3");
    const [, second = ""] = ids;
    await hide(bob, conversation_id, second);
    await step();
    const device = await connectDevice(bob);
    await device.next("SYNC_COMPLETE");
    const received = device.all("MESSAGE_RECEIVE").map(({ payload }) => [payload.seq, payload.hidden]);
    expect(received).toEqual([
      [1, undefined],
      [2, true],
      [3, undefined],
    ]);
    expect(JSON.stringify(device.frames)).not.toContain("secret");
  });

  it("stays hidden when it is edited or reacted to", async () => {
    const { alice, bob, conversation_id, conversation, ids } = await talked("1");
    const [first = ""] = ids;
    const [device, open] = [await connectDevice(bob), await connectConversation(bob, conversation_id)];
    await device.next("SYNC_COMPLETE");
    await hide(bob, conversation_id, first);
    await step();
    const edit = { content: "secret" };
    await conversation().changeMessage(alice.user_id, first, { kind: "edit", edit });
    for (const socket of [device, open]) {
      const { payload } = await socket.next("MESSAGE_UPDATE");
      expect(payload).toMatchObject({ seq: 2, message: { hidden: true, content: "" } });
      expect(JSON.stringify(socket.frames)).not.toContain("secret");
    }
    await step();
    expect(await history(bob, conversation_id, 1)).toMatchObject({ items: [], updates: [] });
    expect((await history(alice, conversation_id, 1)).updates).toHaveLength(1);
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 2, unread_count: 0 });
  });

  it("is there for everything but to be deleted for everybody as well", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const { message_id } = await send(alice, conversation_id, "1");
    await hide(alice, conversation_id, message_id);
    const stub = env.CONVERSATIONS.getByName(conversation_id);
    for (const command of [
      { kind: "edit", edit: { content: "2" } },
      { kind: "react", emoji: "👍" },
      { kind: "pin" },
    ] as const) {
      const changed = await stub.changeMessage(alice.user_id, message_id, command);
      expect(changed).toMatchObject({ ok: false, refusal: { code: "not_found" } });
    }
    expect(await stub.changeMessage(alice.user_id, message_id, { kind: "delete" })).toMatchObject({
      ok: true,
    });
  });

  it("[LIM-2] is hidden once: doing it again writes nothing, and it leaves a mark as unread alone", async () => {
    const { bob, conversation_id, conversation, ids } = await talked("1");
    const [first = ""] = ids;
    const user = env.USERS.getByName(bob.user_id);
    await user.changeSettings(bob, conversation_id, { marked_unread: true });
    await hide(bob, conversation_id, first);
    await step();
    const rows = () =>
      runInDurableObject(conversation(), (_, { storage }) =>
        storage.sql.exec("SELECT * FROM hidden").toArray(),
      );
    const before = [await rows(), await inboxRow(bob, conversation_id)];
    expect(before).toMatchObject([[{ place: 1 }], { marked_unread: true }]);
    expect(await hide(bob, conversation_id, first)).toBeNull();
    expect([await rows(), await inboxRow(bob, conversation_id)]).toEqual(before);
  });

  it("[LIM-1] can be one of a thousand while they are unread, and of more when they are read", async () => {
    const { bob, conversation_id, conversation, ids } = await talked("1", "2", "3");
    const [first = "", second = "", third = ""] = ids;
    await step();
    const unread = vi.spyOn(HiddenStore.prototype, "seqsAfter");
    const others = Array.from({ length: 999 }, (_, index) => 10 + index);
    unread.mockReturnValue(others);
    expect(await hide(bob, conversation_id, first)).toBeNull();
    unread.mockReturnValue([1, ...others]);
    expect(await hide(bob, conversation_id, second)).toMatchObject({ code: "conflict" });
    // Whoever did not hear the answer asks again.
    expect(await hide(bob, conversation_id, first)).toBeNull();
    await conversation().mark(bob.user_id, "read", 2);
    expect(await hide(bob, conversation_id, second)).toBeNull();
    expect(await hide(bob, conversation_id, third)).toMatchObject({ code: "conflict" });
    expect(await contentsFor(bob, conversation_id)).toEqual(["3"]);
  });

  it("[SEC-2] [CONV-5] is nothing to who cannot read it", async () => {
    const [alice, bob, carol, eve] = [await newUser(), await newUser(), await newUser(), await newUser()];
    const conversation_id = await group(alice, bob, carol);
    const { message_id } = await send(alice, conversation_id, "before");
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    await step();
    const strange = await hide(eve, conversation_id, message_id);
    expect(strange).toMatchObject({ code: "conversation_not_found" });
    expect(await hide(eve, crypto.randomUUID(), message_id)).toEqual(strange);
    const joining = [{ user_id: eve.user_id, username: "eve" }];
    await conversation.changeGroup(alice.user_id, { kind: "add", joining });
    expect(await hide(eve, conversation_id, message_id)).toMatchObject({ code: "not_found" });
    await conversation.changeGroup(alice.user_id, { kind: "remove", user_id: bob.user_id });
    await step();
    expect(await hide(bob, conversation_id, message_id)).toEqual(strange);
  });
});

describe("what was hidden, when calls are lost", () => {
  it("[UNR-1] is heard of by the inbox, though a crash kept it from it", async () => {
    const { bob, conversation_id, conversation, ids } = await talked("1", "2");
    const [first = "", second = ""] = ids;
    const handOver = vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("not now"));
    for (const id of [first, second]) expect(await hide(bob, conversation_id, id)).toBeNull();
    await abortAllDurableObjects();
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ unread_count: 2 });
    handOver.mockRestore();
    await runDurableObjectAlarm(conversation());
    await expect
      .poll(() => inboxRow(bob, conversation_id))
      .toMatchObject({ unread_count: 0, last_message: null });
    const device = await connectDevice(bob, { last_sync_id: 0 });
    await device.next("SYNC_COMPLETE");
    expect(device.all("MESSAGE_HIDDEN").map(({ payload }) => payload.message_id)).toEqual([first, second]);
  });

  it("[UNR-1] [UNR-2] is told to the devices, though the inbox lacks a read mark as well", async () => {
    const { bob, conversation_id, conversation, ids } = await talked("1", "2");
    const [first = ""] = ids;
    const open = await connectConversation(bob, conversation_id);
    const handOver = vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("not now"));
    await hide(bob, conversation_id, first);
    open.send(acking(conversation_id, 2, "read"));
    await untilRead(bob, conversation_id, 2);
    await abortAllDurableObjects();
    handOver.mockRestore();
    const device = await connectDevice(bob);
    await runDurableObjectAlarm(conversation());
    await device.next("INBOX_UPDATE", ({ payload }) => payload.read_seq === 2);
    expect((await device.next("MESSAGE_HIDDEN")).payload).toMatchObject({ message_id: first });
  });

  it("[UNR-1] counts once, though the answer was lost", async () => {
    const { bob, conversation_id, ids } = await talked("1", "2", "3");
    const [first = ""] = ids;
    const { handOver } = UserObject.prototype;
    const device = await connectDevice(bob);
    await device.next("SYNC_COMPLETE");
    const losing = vi.spyOn(UserObject.prototype, "handOver");
    losing.mockImplementation(async function (this: UserObject, ...args) {
      await handOver.apply(this, args);
      throw new Error("the answer is lost");
    });
    await hide(bob, conversation_id, first);
    losing.mockRestore();
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ unread_count: 2 });
    await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id));
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ unread_count: 2 });
    expect(device.all("MESSAGE_HIDDEN")).toHaveLength(1);
  });

  it("[UNR-1] is told before the message itself has come to the inbox", async () => {
    const { alice, bob, conversation_id } = await talked("1");
    const device = await connectDevice(bob);
    const open = await connectConversation(bob, conversation_id);
    await device.next("SYNC_COMPLETE");
    const handOver = vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("not now"));
    const { message_id } = await send(alice, conversation_id, "secret");
    await open.next("MESSAGE_RECEIVE");
    await hide(bob, conversation_id, message_id);
    handOver.mockRestore();
    await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id));
    const { payload } = await device.next("MESSAGE_RECEIVE", (frame) => frame.payload.seq === 2);
    expect(payload).toMatchObject({ hidden: true, content: "" });
    expect(await inboxRow(bob, conversation_id)).toMatchObject({
      ...{ head_seq: 2, unread_count: 1 },
      last_message: { content: "1" },
    });
  });
});
