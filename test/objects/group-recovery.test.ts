import { abortAllDurableObjects, evictAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { as, newUsers, rowsOf, seqsOn } from "../support/workerd/groups.ts";
import { connectDevice, group, inboxRow, newUser, send } from "../support/workerd/world.ts";

afterEach(() => vi.restoreAllMocks());

/** Up to 8 members a conversation asks them how far they have got, a larger one writes it down: it can become the other. */
const SIZES = [3, 8, 9] as const;

async function settledGroup(size: number) {
  const people = await newUsers(size);
  const [owner, bob, ...others] = people;
  if (!owner || !bob) throw new Error("a group has more");
  const conversation_id = await group(owner, bob, ...others);
  const by = (who: Identity) => as(who, conversation_id);
  await send(owner, conversation_id, "1");
  await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 1 });
  await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id));
  return { conversation_id, owner, bob, others, people, by };
}

/** Does something of which no member's object hears, since the conversation's crashes right after its commit. */
async function andCrash(act: () => Promise<unknown>): Promise<void> {
  const handOver = vi
    .spyOn(UserObject.prototype, "handOver")
    .mockImplementation(() => new Promise(() => undefined));
  await act();
  await abortAllDurableObjects();
  handOver.mockRestore();
}

async function isListed(who: Identity, conversation_id: string): Promise<boolean> {
  return inboxRow(who, conversation_id).then(
    () => true,
    () => false,
  );
}

describe.each(SIZES)("after a crash right behind a commit, in a group of %i", (size) => {
  it("[CONV-4] [DLV-1] the alarm tells who was removed", async () => {
    const { conversation_id, owner, bob, by } = await settledGroup(size);
    await andCrash(() => by(owner).remove(bob));
    expect(await isListed(bob, conversation_id)).toBe(true);
    const device = await connectDevice(bob);
    expect(await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id))).toBe(true);
    await device.next("CONVERSATION_UPDATE", ({ payload }) => payload.change === "member_removed");
    expect(seqsOn(device, conversation_id)).toEqual([1, 2]);
    await expect.poll(() => isListed(bob, conversation_id)).toBe(false);
    const leaving = "SELECT user_id FROM members WHERE left_seq IS NOT NULL AND left_told = 0";
    await expect.poll(() => rowsOf(conversation_id, leaving)).toEqual([]);
  });

  it("[CONV-4] the next message tells who was removed, and does not come to it", async () => {
    const { conversation_id, owner, bob, by } = await settledGroup(size);
    await andCrash(() => by(owner).remove(bob));
    await send(owner, conversation_id, "3");
    await expect.poll(() => isListed(bob, conversation_id)).toBe(false);
    const device = await connectDevice(bob);
    await device.next("SYNC_COMPLETE");
    expect(seqsOn(device, conversation_id)).toEqual([1, 2]);
  });

  it("[DLV-1] [CONV-5] the alarm tells who was added", async () => {
    const { conversation_id, owner, by } = await settledGroup(size);
    const fay = await newUser();
    const device = await connectDevice(fay);
    await andCrash(() => by(owner).add(fay));
    expect(await isListed(fay, conversation_id)).toBe(false);
    await device.closed;
    const again = await connectDevice(fay);
    expect(await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id))).toBe(true);
    await again.next("CONVERSATION_UPDATE", ({ payload }) => payload.change === "member_added");
    expect(seqsOn(again, conversation_id)).toEqual([2]);
    await expect
      .poll(() => inboxRow(fay, conversation_id))
      .toMatchObject({ head_seq: 2, read_seq: 1, unread_count: 0 });
  });

  it("[CONV-4] who was added, or has come back, finds it before the alarm tells", async () => {
    const { conversation_id, owner, bob, by } = await settledGroup(size);
    await by(owner).remove(bob);
    await expect.poll(() => isListed(bob, conversation_id)).toBe(false);
    const fay = await newUser();
    await andCrash(async () => {
      await by(owner).add(bob);
      await by(owner).add(fay);
    });
    for (const who of [bob, fay]) {
      const user = env.USERS.getByName(who.user_id);
      const changed = await user.changeSettings(who, conversation_id, { pinned: true });
      expect(changed).toMatchObject({ ok: true, value: { pinned: true } });
    }
  });

  it("[CONV-4] who was added, and cannot be told yet, is not told that it does not exist", async () => {
    const { conversation_id, owner, by } = await settledGroup(size);
    const fay = await newUser();
    vi.spyOn(UserObject.prototype, "handOver").mockRejectedValue(new Error("not now"));
    await by(owner).add(fay);
    const user = env.USERS.getByName(fay.user_id);
    const changed = await user.changeSettings(fay, conversation_id, { pinned: true });
    expect(changed).toMatchObject({ ok: false, refusal: { code: "unavailable" } });
  });

  it("[CONV-4] the alarm tells everybody that the group is gone, and the object comes to rest", async () => {
    const { conversation_id, owner, people, by } = await settledGroup(size);
    await andCrash(() => by(owner).end());
    const stub = env.CONVERSATIONS.getByName(conversation_id);
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    for (const who of people) await expect.poll(() => isListed(who, conversation_id)).toBe(false);
    while (await runDurableObjectAlarm(stub));
    await evictAllDurableObjects();
    expect(await runDurableObjectAlarm(stub)).toBe(false);
  });

  it("[CONV-4] [UNR-1] who was removed and added again between two crashes begins anew", async () => {
    const { conversation_id, owner, bob, by } = await settledGroup(size);
    await andCrash(() => by(owner).remove(bob));
    await andCrash(() => by(owner).add(bob));
    await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id));
    await expect
      .poll(() => inboxRow(bob, conversation_id).catch(() => null))
      .toMatchObject({ head_seq: 3, read_seq: 2, unread_count: 0, last_message: null });
    const device = await connectDevice(bob);
    await device.next("SYNC_COMPLETE");
    expect(seqsOn(device, conversation_id)).toEqual([3]);
  });

  it("[DLV-1] [UNR-1] the alarm tells of edits, deletions and new names", async () => {
    const { conversation_id, owner, bob, by } = await settledGroup(size);
    const { message_id } = await send(owner, conversation_id, "2");
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 2, unread_count: 2 });
    await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id));
    await andCrash(async () => {
      await by(owner).update({ name: "Renamed" });
      await by(owner).delete(message_id);
    });
    await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id));
    await expect
      .poll(() => inboxRow(bob, conversation_id))
      .toMatchObject({ head_seq: 4, unread_count: 1, name: "Renamed", last_message: { content: "" } });
  });
});

describe("a call that was overtaken", () => {
  it("neither gives a group its old name back, nor ends the membership of who has come back", async () => {
    const { conversation_id, owner, bob, by } = await settledGroup(3);
    const calls: Parameters<UserObject["handOver"]>[0][] = [];
    const original = UserObject.prototype.handOver;
    vi.spyOn(UserObject.prototype, "handOver").mockImplementation(async function (this: UserObject, given) {
      calls.push(structuredClone(given));
      return original.call(this, given);
    });
    await by(owner).update({ name: "New" });
    await by(owner).remove(bob);
    await expect.poll(() => isListed(bob, conversation_id)).toBe(false);
    await by(owner).add(bob);
    await by(owner).update({ name: "Newest" });
    const row = () => inboxRow(bob, conversation_id).catch(() => null);
    await expect.poll(row).toMatchObject({ head_seq: 5, name: "Newest", unread_count: 0 });
    vi.restoreAllMocks();
    const overtaken = calls.filter(({ face }) => face.name !== "Newest");
    expect(overtaken.map(({ face }) => face.left_seq)).toContain(3);
    for (const given of overtaken) await env.USERS.getByName(bob.user_id).handOver(given);
    expect(await row()).toMatchObject({ head_seq: 5, name: "Newest", unread_count: 0, read_seq: 3 });
  });
});
