import { describe, expect, it } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { as, entriesOn, fromTo, newUsers, refusalOf, seqsOn } from "../support/workerd/groups.ts";
import {
  connectConversation,
  connectDevice,
  group,
  inboxRow,
  newUser,
  oneOnOne,
  STEPS,
  send,
} from "../support/workerd/world.ts";

async function groupWithPast() {
  const [owner, bob, cem] = await newUsers(3);
  if (!owner || !bob || !cem) throw new Error("there are three");
  const conversation_id = await group(owner, bob, cem);
  const by = (who: Identity) => as(who, conversation_id);
  const first = await send(owner, conversation_id, "old words");
  const second = await send(bob, conversation_id, "older reply");
  return { conversation_id, owner, bob, cem, by, first, second, fay: await newUser() };
}

describe.each(STEPS)("who joins a group, %s", (_, step) => {
  it("[CONV-5] reads from its joining entry on, over every way", async () => {
    const { conversation_id, owner, by, first, fay } = await groupWithPast();
    await by(owner).pin(first.message_id);
    await step();
    await by(owner).add(fay);
    await send(owner, conversation_id, "new");
    await step();
    const device = await connectDevice(fay);
    await device.next("SYNC_COMPLETE");
    expect(seqsOn(device, conversation_id)).toEqual([4, 5]);
    const { items, has_more } = await by(fay).history();
    expect(items.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(has_more).toBe(false);
    expect((await by(fay).history({ after_seq: 0 })).items).toHaveLength(2);
    expect((await by(fay).history({ before_seq: 4 })).items).toEqual([]);
    expect(await by(fay).pins()).toEqual([]);
    expect(await by(fay).describe()).toMatchObject({ readable_after_seq: 3, head_seq: 5 });
    for (const attempt of [
      () => by(fay).react(first.message_id, "👍"),
      () => by(fay).delete(first.message_id),
      () => by(fay).edit(first.message_id, "x"),
    ])
      expect(await refusalOf(attempt())).toBe("not_found");
    await expect
      .poll(() => inboxRow(fay, conversation_id))
      .toMatchObject({
        head_seq: 5,
        read_seq: 3,
        unread_count: 1,
      });
  });

  it("[CONV-5] sees that something from before has changed, and nothing of what it says", async () => {
    const { conversation_id, owner, bob, by, first, second, fay } = await groupWithPast();
    await by(owner).add(fay);
    const device = await connectDevice(fay);
    const open = await connectConversation(fay, conversation_id);
    await step();
    await by(owner).edit(first.message_id, "secret words");
    await by(bob).react(first.message_id, "🎉");
    await by(owner).pin(second.message_id);
    await by(owner).delete(second.message_id);
    await send(owner, conversation_id, "new");
    for (const socket of [device, open]) {
      await socket.next("MESSAGE_RECEIVE");
      expect(seqsOn(socket, conversation_id)).toEqual(socket === device ? fromTo(3, 8) : fromTo(4, 8));
      expect(JSON.stringify(socket.frames)).not.toMatch(/secret words|older reply|🎉/);
    }
    await step();
    const page = await by(fay).history({ after_seq: 0 });
    expect(page.items.map(({ seq }) => seq)).toEqual([3, 8]);
    expect(page.updates).toEqual([]);
    // A device that was offline reads the same from the log.
    await device.close();
    const again = await connectDevice(fay);
    await again.next("SYNC_COMPLETE");
    expect(seqsOn(again, conversation_id)).toEqual(fromTo(3, 8));
    expect(JSON.stringify(again.frames)).not.toMatch(/secret words|older reply|🎉/);
    expect(entriesOn(again, conversation_id)[1]).toMatchObject({
      type: "MESSAGE_UPDATE",
      payload: { seq: 4, change: "edited", message: { seq: 1, content: "", reactions: [] } },
    });
    expect((await by(bob).history()).items[0]).toMatchObject({ content: "secret words" });
  });

  it("[CONV-5] reads everything where the group says so, and has nothing of it unread", async () => {
    const { conversation_id, owner, by, first, fay } = await groupWithPast();
    expect(await by(owner).update({ history_visible: true })).toMatchObject({ history_visible: true });
    await by(owner).pin(first.message_id);
    await step();
    await by(owner).add(fay);
    await step();
    const { items } = await by(fay).history();
    expect(items.map(({ content }) => content).slice(0, 2)).toEqual(["old words", "older reply"]);
    expect(await by(fay).pins()).toMatchObject([{ seq: 1 }]);
    expect(await by(fay).describe()).toMatchObject({ readable_after_seq: 0 });
    await by(fay).react(first.message_id, "👍");
    await expect.poll(() => inboxRow(fay, conversation_id)).toMatchObject({ unread_count: 0, read_seq: 4 });
    await by(owner).update({ history_visible: false });
    await step();
    expect((await by(fay).history()).items.map(({ seq }) => seq)).toEqual([5, 7]);
    expect(await refusalOf(by(fay).react(first.message_id, "👍"))).toBe("not_found");
  });

  it("[CONV-4] [CONV-5] who comes back does not read what it had read before", async () => {
    const { conversation_id, owner, bob, by, first } = await groupWithPast();
    await by(owner).remove(bob);
    await by(owner).add(bob);
    await step();
    expect((await by(bob).history()).items.map(({ seq }) => seq)).toEqual([4]);
    await by(owner).edit(first.message_id, "secret words");
    await send(owner, conversation_id, "new");
    const device = await connectDevice(bob);
    await device.next("MESSAGE_RECEIVE", ({ payload }) => payload.content === "new");
    expect(JSON.stringify(device.frames)).not.toContain("secret words");
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ unread_count: 1 });
  });

  it("[CONV-3] adds nobody twice: who is a member stays what it is, and nothing is written", async () => {
    const { conversation_id, owner, bob, cem, by, fay } = await groupWithPast();
    await by(owner).setRole(bob, "admin");
    const { head_seq } = await by(owner).describe();
    await step();
    expect(await by(bob).add(owner, bob, cem)).toMatchObject({ head_seq, member_count: 3 });
    expect(await by(bob).add(cem, fay, fay)).toMatchObject({ head_seq: head_seq + 1, member_count: 4 });
    const { items } = await by(owner).history();
    expect(items.at(-1)?.event).toEqual({
      change: "member_added",
      user_ids: [fay.user_id],
      by_invite: false,
    });
    const roles = (await by(owner).members()).map(({ user_id, role }) => [user_id, role]);
    expect(Object.fromEntries(roles)).toEqual({
      [owner.user_id]: "owner",
      [bob.user_id]: "admin",
      [cem.user_id]: "member",
      [fay.user_id]: "member",
    });
    expect(conversation_id).toBeTruthy();
  });
});

describe("a conversation of two", () => {
  it("has nothing to manage: no names, members, roles, invitations, and no end", async () => {
    const [alice, bob, cem] = await newUsers(3);
    if (!alice || !bob || !cem) throw new Error("there are three");
    const conversation_id = await oneOnOne(alice, bob);
    const me = as(alice, conversation_id);
    const attempts = [
      me.update({ name: "x" }),
      me.add(cem),
      me.remove(bob),
      me.leave(),
      me.setRole(alice, "owner"),
      me.setRole(bob, "member"),
      me.end(),
      me.invites({ kind: "list" }),
      me.invites({ kind: "create", request: { expires_in: null, max_uses: null }, secret: "s" }),
    ];
    const refusals = await Promise.all(attempts.map(refusalOf));
    expect(refusals).toEqual(attempts.map(() => "forbidden"));
    expect(await me.describe()).toMatchObject({ member_count: 2, head_seq: 0 });
  });

  it("is for its two alone, whoever has an invitation", async () => {
    const [alice, bob, eve] = await newUsers(3);
    if (!alice || !bob || !eve) throw new Error("there are three");
    const conversation_id = await oneOnOne(alice, bob);
    expect(await refusalOf(as(eve, conversation_id).accept("0".repeat(32)))).toBe("invite_expired");
  });
});
