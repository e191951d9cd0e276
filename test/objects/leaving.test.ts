import { evictAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { as, entriesOn, fromTo, newUsers, refusalOf, rowsOf, seqsOn } from "../support/workerd/groups.ts";
import {
  acking,
  connectConversation,
  connectDevice,
  draft,
  group,
  inboxRow,
  newSession,
  refusedWith,
  STEPS,
  send,
  sending,
  upgradeConversation,
} from "../support/workerd/world.ts";

async function threeInAGroup() {
  const [owner, bob, cem] = await newUsers(3);
  if (!owner || !bob || !cem) throw new Error("there are three");
  const conversation_id = await group(owner, bob, cem);
  return { conversation_id, owner, bob, cem, by: (who: Identity) => as(who, conversation_id) };
}

async function listed(who: Identity): Promise<string[]> {
  const page = await env.USERS.getByName(who.user_id).listInbox(who, { limit: 100 });
  return page.ok ? page.value.items.map(({ conversation_id }) => conversation_id) : [];
}

/** The object of a user has heard that it left. */
async function hasHeard(who: Identity, conversation_id: string): Promise<void> {
  await expect.poll(() => listed(who)).not.toContain(conversation_id);
}

describe.each(STEPS)("a member that leaves, %s", (_, step) => {
  it("[CONV-4] gets the removal as the last thing on each of its sockets, and the conversation's closes", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const device = await connectDevice(bob);
    const open = await connectConversation(bob, conversation_id);
    await send(owner, conversation_id, "before");
    await Promise.all([device, open].map((socket) => socket.next("MESSAGE_RECEIVE")));
    await step();
    await by(owner).remove(bob);
    expect((await open.closed).code).toBe(4505);
    await step();
    await send(owner, conversation_id, "after");
    await by(owner).update({ name: "Secret" });
    await device.next("CONVERSATION_UPDATE");
    await hasHeard(bob, conversation_id);
    await step();
    for (const socket of [device, open]) {
      expect(seqsOn(socket, conversation_id)).toEqual([1, 2]);
      const last = entriesOn(socket, conversation_id).at(-1);
      expect(last).toMatchObject({
        type: "CONVERSATION_UPDATE",
        payload: {
          change: "member_removed",
          conversation: { member_count: 2, name: "Group", head_seq: 2 },
          message: {
            message_type: "system",
            sender_id: owner.user_id,
            event: { change: "member_removed", user_ids: [bob.user_id], has_left: false },
          },
        },
      });
      expect(JSON.stringify(socket.frames)).not.toContain("Secret");
    }
  });

  it("[CONV-4] [SEC-2] is told of nothing that it asks for afterwards", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const { message_id } = await send(bob, conversation_id, "mine");
    const device = await connectDevice(bob);
    await by(bob).leave();
    await step();
    const me = by(bob);
    const attempts = [
      me.describe(),
      me.members(),
      me.history(),
      me.pins(),
      me.update({ name: "x" }),
      me.add(bob),
      me.remove(owner),
      me.leave(),
      me.setRole(bob, "owner"),
      me.end(),
      me.edit(message_id, "x"),
      me.delete(message_id),
      me.react(message_id, "👍"),
      me.unreact(message_id, "👍"),
      me.pin(message_id),
      me.invites({ kind: "list" }),
      me.invites({ kind: "create", request: { expires_in: null, max_uses: null }, secret: "s" }),
      send(bob, conversation_id, "again"),
    ];
    const refusals = await Promise.all(attempts.map(refusalOf));
    expect(refusals).toEqual(attempts.map(() => "conversation_not_found"));
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const user = env.USERS.getByName(bob.user_id);
    for (const answer of [
      await conversation.receipts(bob.user_id, message_id),
      await conversation.seqOf(bob.user_id, message_id),
      await user.markRead(bob, conversation_id, 1),
      await user.admitConversationSocket(bob, conversation_id),
      (await conversation.submit(bob.user_id, [{ device_id: "phone", draft: draft("straight") }]))[0],
    ])
      expect(answer).toMatchObject({ ok: false, refusal: { code: "conversation_not_found" } });
    expect(await refusedWith(upgradeConversation(bob, conversation_id))).toBe(404);
    device.send({ type: "MESSAGE_ACK", payload: { conversation_id, seq: 1, status: "read" } });
    expect(await device.next("ERROR")).toMatchObject({ payload: { code: "conversation_not_found" } });
    await hasHeard(bob, conversation_id);
    const { items } = await by(owner).history();
    expect(items.map(({ content }) => content)).toEqual(["mine", ""]);
  });

  it("[CONV-4] [DLV-1] a device of it that was offline gets what came before, and the removal, when it comes back", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const tablet = await newSession(bob.user_id, "tablet");
    await send(owner, conversation_id, "1");
    const { message_id } = await send(owner, conversation_id, "2");
    await by(owner).react(message_id, "👍");
    await step();
    await by(owner).remove(bob);
    await send(owner, conversation_id, "5");
    await by(owner).edit(message_id, "later words");
    await by(owner).update({ name: "Renamed" });
    await step();
    await hasHeard(bob, conversation_id);
    const phone = await connectDevice(bob);
    await phone.next("SYNC_COMPLETE");
    expect(seqsOn(phone, conversation_id)).toEqual(fromTo(1, 4));
    phone.send(acking(conversation_id, 4));
    await step();
    const other = await connectDevice(tablet);
    await other.next("SYNC_COMPLETE");
    expect(seqsOn(other, conversation_id)).toEqual(fromTo(1, 4));
    expect(JSON.stringify([...phone.frames, ...other.frames])).not.toContain("later words");
    await expect
      .poll(async () => {
        const again = await connectDevice(bob);
        await again.next("SYNC_COMPLETE");
        return seqsOn(again, conversation_id);
      })
      .toEqual([]);
  });

  it("[CONV-4] [UNR-1] who comes back begins anew at the entry that says so", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    await send(owner, conversation_id, "1");
    await send(owner, conversation_id, "2");
    await by(owner).remove(bob);
    await send(owner, conversation_id, "4");
    await step();
    expect(await by(owner).add(bob)).toMatchObject({ member_count: 3 });
    await send(owner, conversation_id, "6");
    await step();
    await expect
      .poll(() => inboxRow(bob, conversation_id))
      .toMatchObject({ head_seq: 6, read_seq: 4, unread_count: 1, last_message: { content: "6" } });
    const device = await connectDevice(bob);
    await device.next("SYNC_COMPLETE");
    expect(seqsOn(device, conversation_id)).toEqual([5, 6]);
    expect(entriesOn(device, conversation_id)[0]).toMatchObject({
      payload: { change: "member_added", conversation: { readable_after_seq: 4, role: "member" } },
    });
    expect((await by(bob).history()).items.map(({ seq }) => seq)).toEqual([5, 6]);
    await env.USERS.getByName(bob.user_id).markRead(bob, conversation_id, 6);
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ read_seq: 6, unread_count: 0 });
    const open = await connectConversation(bob, conversation_id);
    await send(owner, conversation_id, "7");
    expect(await open.next("MESSAGE_RECEIVE")).toMatchObject({ payload: { seq: 7 } });
  });

  it("[CONV-4] [UNR-1] who leaves and comes back several times is never left with another time's rows", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const device = await connectDevice(bob);
    for (let round = 0; round < 4; round++) {
      await send(owner, conversation_id, `round ${round}`);
      if (round % 2) await step();
      await by(bob).leave();
      if (round > 1) await hasHeard(bob, conversation_id);
      await by(owner).add(bob);
    }
    const { head_seq } = await by(owner).describe();
    await expect
      .poll(() => inboxRow(bob, conversation_id).catch(() => null))
      .toMatchObject({ head_seq, read_seq: head_seq - 1, unread_count: 0 });
    await step();
    await send(owner, conversation_id, "last");
    await device.next("MESSAGE_RECEIVE", ({ payload }) => payload.content === "last");
    const seqs = seqsOn(device, conversation_id);
    expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ unread_count: 1 });
  });

  it("[CONV-4] the deletion of a group is the last thing that its members get", async () => {
    const { conversation_id, owner, bob, cem, by } = await threeInAGroup();
    const devices = await Promise.all([owner, bob].map((who) => connectDevice(who)));
    const open = await connectConversation(owner, conversation_id);
    await send(owner, conversation_id, "1");
    const secret = "0".repeat(32);
    await by(owner).invites({ kind: "create", request: { expires_in: null, max_uses: null }, secret });
    await step();
    await by(owner).end();
    expect((await open.closed).code).toBe(4505);
    await step();
    for (const device of devices) {
      await device.next("CONVERSATION_UPDATE", ({ payload }) => payload.change === "deleted");
      expect(seqsOn(device, conversation_id).at(-1)).toBe(2);
    }
    for (const who of [owner, bob, cem]) {
      await hasHeard(who, conversation_id);
      expect(await refusalOf(by(who).describe())).toBe("conversation_not_found");
      expect(await refusalOf(by(who).accept(secret))).toBe("invite_expired");
    }
    const offline = await connectDevice(cem);
    await offline.next("SYNC_COMPLETE");
    expect(seqsOn(offline, conversation_id)).toEqual([1, 2]);
  });
});

describe("what is left of a member that has gone", () => {
  it("[CONV-4] [DLV-1] is all that its device lacks, however much: nobody would fill a gap", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const open = await connectConversation(owner, conversation_id, { batch: true });
    for (let batch = 0; batch < 5; batch++)
      open.send(...fromTo(1, 50).map((count) => sending(conversation_id, `${batch} ${count}`)));
    await expect.poll(() => open.all("MESSAGE_ACK").length).toBe(250);
    await by(owner).remove(bob);
    await hasHeard(bob, conversation_id);
    const device = await connectDevice(bob, { batch: true });
    await device.next("SYNC_COMPLETE");
    expect(device.all("SYNC_GAP")).toEqual([]);
    expect(seqsOn(device, conversation_id)).toEqual(fromTo(1, 251));
  });

  it("[CONV-4] is no call, though its socket says goodbye late: an idle conversation comes to rest", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const stub = env.CONVERSATIONS.getByName(conversation_id);
    const open = await connectConversation(bob, conversation_id);
    await send(owner, conversation_id, "1");
    await open.next("MESSAGE_RECEIVE");
    open.send(acking(conversation_id, 1));
    await by(owner).remove(bob);
    await hasHeard(bob, conversation_id);
    await evictAllDurableObjects();
    const handOver = vi.spyOn(UserObject.prototype, "handOver");
    await open.close();
    await runInDurableObject(stub, async (instance) =>
      instance.webSocketClose?.(await lateSocket(bob), 1000, ""),
    );
    await runDurableObjectAlarm(stub);
    const told = handOver.mock.calls.filter(([{ face }]) => face.left_seq !== null);
    handOver.mockRestore();
    expect(told).toEqual([]);
    await runDurableObjectAlarm(stub);
    expect(await runInDurableObject(stub, (_, state) => state.storage.getAlarm())).toBeNull();
  });

  it("[CONV-4] is no row, though a read mark of it is answered late", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const device = await connectDevice(bob);
    await send(owner, conversation_id, "1");
    await device.next("MESSAGE_RECEIVE");
    const { promise: late, resolve: answerNow } = Promise.withResolvers<void>();
    const original = ConversationObject.prototype.mark;
    const mark = vi.spyOn(ConversationObject.prototype, "mark").mockImplementation(async function (
      this: ConversationObject,
      ...args
    ) {
      const answer = await original.apply(this, args);
      await late;
      return answer;
    });
    const reading = env.USERS.getByName(bob.user_id).markRead(bob, conversation_id, 1);
    await expect.poll(() => mark.mock.calls.length).toBe(1);
    await by(owner).remove(bob);
    await hasHeard(bob, conversation_id);
    const shown = device.all("INBOX_UPDATE").length;
    answerNow();
    await reading;
    mark.mockRestore();
    await connectDevice(bob).then((again) => again.next("SYNC_COMPLETE"));
    expect(device.all("INBOX_UPDATE")).toHaveLength(shown);
    expect(await listed(bob)).not.toContain(conversation_id);
  });

  it("[CONV-4] is a row that says it was told, and nothing that is written again", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    await by(bob).leave();
    await hasHeard(bob, conversation_id);
    const query = "SELECT left_seq, left_told FROM members WHERE left_seq IS NOT NULL";
    await expect.poll(() => rowsOf(conversation_id, query)).toEqual([{ left_seq: 1, left_told: 1 }]);
    await evictAllDurableObjects();
    const handOver = vi.spyOn(UserObject.prototype, "handOver");
    await send(owner, conversation_id, "2");
    await expect.poll(() => handOver.mock.calls.length).toBeGreaterThan(1);
    const faces = handOver.mock.calls.map(([{ face }]) => face.left_seq);
    handOver.mockRestore();
    expect(faces).not.toContain(1);
  });
});

/** A socket as an object meets it when its Close wakes it: not among its open ones, with what it remembers. */
async function lateSocket({ user_id, session_id, device_id }: Identity): Promise<WebSocket> {
  const { 0: client, 1: socket } = new WebSocketPair();
  client.accept();
  socket.accept();
  const times = { connected_at: 1, active_at: 1, acked_at: 1 };
  socket.serializeAttachment({
    v: 1,
    user_id,
    session_id,
    device_id,
    batch: false,
    acked_seq: 1,
    served_seq: 0,
    ...times,
  });
  return socket;
}
