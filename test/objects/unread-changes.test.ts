import { evictAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { as, namedGroup } from "../support/workerd/groups.ts";
import {
  acking,
  connectConversation,
  connectDevice,
  inboxRow,
  STEPS,
  send,
} from "../support/workerd/world.ts";

afterEach(() => vi.restoreAllMocks());

async function threeNamed() {
  const { conversation_id, people } = await namedGroup(3);
  const [owner, bob, cem] = people;
  if (!owner || !bob || !cem) throw new Error("there are three");
  return { conversation_id, owner, bob, cem, by: (who: Identity) => as(who, conversation_id) };
}

/** What the inbox of somebody says is unread, once it has heard of everything. */
function unreadOf(who: Identity, conversation_id: string) {
  return async () => {
    const { head_seq, unread_count, mention_count } = await inboxRow(who, conversation_id);
    return { head_seq, unread_count, mention_count };
  };
}

describe.each(STEPS)("unread counts, %s", (_, step) => {
  it("[UNR-1] follow deletions and edits, of what is unread and of what is read", async () => {
    const { conversation_id, owner, bob, by } = await threeNamed();
    const [one, two, three] = [
      await send(owner, conversation_id, "1 for @u_1"),
      await send(owner, conversation_id, "2"),
      await send(owner, conversation_id, "3 for @U_1 and @u_1 again"),
    ];
    const unread = unreadOf(bob, conversation_id);
    await step();
    await expect.poll(unread).toEqual({ head_seq: 3, unread_count: 3, mention_count: 2 });
    await by(owner).edit(two.message_id, "2 for @u_1");
    await expect.poll(unread).toEqual({ head_seq: 4, unread_count: 3, mention_count: 3 });
    await by(owner).edit(one.message_id, "1 for @u_2");
    await step();
    await expect.poll(unread).toEqual({ head_seq: 5, unread_count: 3, mention_count: 2 });
    await by(owner).delete(three.message_id);
    await expect.poll(unread).toEqual({ head_seq: 6, unread_count: 2, mention_count: 1 });
    await env.USERS.getByName(bob.user_id).markRead(bob, conversation_id, 1);
    await expect.poll(unread).toEqual({ head_seq: 6, unread_count: 1, mention_count: 1 });
    await step();
    // What is read already counts no more, whatever becomes of it.
    await by(owner).edit(one.message_id, "1 for @u_1 after all");
    await by(owner).delete(one.message_id);
    await expect.poll(unread).toEqual({ head_seq: 8, unread_count: 1, mention_count: 1 });
    await by(owner).edit(two.message_id, "2");
    await expect.poll(unread).toEqual({ head_seq: 9, unread_count: 1, mention_count: 0 });
    await by(owner).delete(two.message_id);
    await step();
    await expect.poll(unread).toEqual({ head_seq: 10, unread_count: 0, mention_count: 0 });
  });

  it("[UNR-1] count neither events, reactions and pins nor what one said oneself", async () => {
    const { conversation_id, owner, bob, by } = await threeNamed();
    const { message_id } = await send(bob, conversation_id, "mine, @u_1");
    await by(owner).react(message_id, "👍");
    await by(owner).pin(message_id);
    await by(owner).update({ name: "@u_1", description: "x" });
    await step();
    await by(owner).setRole(bob, "admin");
    await expect
      .poll(unreadOf(bob, conversation_id))
      .toEqual({ head_seq: 6, unread_count: 0, mention_count: 0 });
    await by(owner).delete(message_id);
    await expect
      .poll(unreadOf(bob, conversation_id))
      .toEqual({ head_seq: 7, unread_count: 0, mention_count: 0 });
  });

  it("[UNR-1] [UNR-2] are told to devices when a deletion or an edit changes them", async () => {
    const { conversation_id, owner, bob, by } = await threeNamed();
    const device = await connectDevice(bob);
    const { message_id } = await send(owner, conversation_id, "for @u_1");
    await expect
      .poll(unreadOf(bob, conversation_id))
      .toEqual({ head_seq: 1, unread_count: 1, mention_count: 1 });
    await step();
    await by(owner).edit(message_id, "for nobody");
    await device.next("INBOX_UPDATE", ({ payload }) => payload.head_seq === 2 && payload.mention_count === 0);
    await by(owner).delete(message_id);
    await device.next("INBOX_UPDATE", ({ payload }) => payload.head_seq === 3 && payload.unread_count === 0);
  });

  it("[UNR-1] are the same when entries come late, after the messages have changed again", async () => {
    const { conversation_id, owner, bob, by } = await threeNamed();
    await send(owner, conversation_id, "0");
    await expect
      .poll(unreadOf(bob, conversation_id))
      .toEqual({ head_seq: 1, unread_count: 1, mention_count: 0 });
    const original = UserObject.prototype.handOver;
    const handOver = vi.spyOn(UserObject.prototype, "handOver").mockImplementation(async function (
      this: UserObject,
      given,
    ) {
      if (given.face.conversation_id === conversation_id) throw new Error("not now");
      return original.call(this, given);
    });
    const sent = [];
    for (const content of ["@u_1", "plain", "@u_1", "@u_1", "plain"])
      sent.push((await send(owner, conversation_id, content)).message_id);
    const [a = "", b = "", c = "", d = "", e = ""] = sent;
    await by(owner).edit(a, "no more");
    await by(owner).edit(b, "@u_1 now");
    await by(owner).delete(c);
    await by(owner).edit(d, "@u_1 still");
    await by(owner).edit(e, "@u_1 first");
    await by(owner).edit(e, "and no more");
    await by(owner).delete(b);
    handOver.mockRestore();
    await evictAllDurableObjects();
    await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id));
    await expect
      .poll(unreadOf(bob, conversation_id))
      .toEqual({ head_seq: 13, unread_count: 4, mention_count: 1 });
    await step();
    await env.USERS.getByName(bob.user_id).markRead(bob, conversation_id, 1);
    await expect
      .poll(unreadOf(bob, conversation_id))
      .toEqual({ head_seq: 13, unread_count: 3, mention_count: 1 });
  });

  it("[UNR-1] [UNR-2] a read on a conversation socket counts what is left, mentions too", async () => {
    const { conversation_id, owner, bob, by } = await threeNamed();
    const device = await connectDevice(bob);
    const open = await connectConversation(bob, conversation_id);
    await send(owner, conversation_id, "@u_1");
    const { message_id } = await send(owner, conversation_id, "@u_1");
    await send(owner, conversation_id, "@u_1");
    await open.count("MESSAGE_RECEIVE", 3);
    await step();
    open.send(acking(conversation_id, 1, "read"));
    await device.next("INBOX_UPDATE", ({ payload }) => payload.read_seq === 1);
    await by(owner).delete(message_id);
    await expect
      .poll(unreadOf(bob, conversation_id))
      .toEqual({ head_seq: 4, unread_count: 1, mention_count: 1 });
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ read_seq: 1 });
  });

  it("names members only: by their names, in the state in which the group was then", async () => {
    const { conversation_id, owner, bob, cem, by } = await threeNamed();
    const first = await send(owner, conversation_id, "@u_1, @u_2. mail@u_1 @nobody @u_11");
    await by(owner).remove(cem);
    await send(owner, conversation_id, "@u_2?");
    await step();
    const { items } = await by(bob).history();
    expect(items[0]?.mentions).toEqual([bob.user_id, cem.user_id]);
    expect(items[2]).not.toHaveProperty("mentions");
    expect(await by(owner).edit(first.message_id, "@u_2 @u_1")).toMatchObject({ mentions: [bob.user_id] });
    await by(owner).addNamed(cem, "u_2");
    expect(await by(owner).edit(first.message_id, "@u_2")).toMatchObject({ mentions: [cem.user_id] });
    await expect.poll(unreadOf(cem, conversation_id)).toMatchObject({ mention_count: 0, unread_count: 0 });
  });
});
