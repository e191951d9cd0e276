import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import type { HistoryPage, Message } from "../../src/protocol/message.ts";
import { type Act, as, newUsers } from "../support/workerd/groups.ts";
import { connectDevice, group, send } from "../support/workerd/world.ts";

async function threeInAGroup() {
  const [owner, bob, cem] = await newUsers(3);
  if (!owner || !bob || !cem) throw new Error("there are three");
  const conversation_id = await group(owner, bob, cem);
  return { conversation_id, owner, bob, cem, by: (who: Identity) => as(who, conversation_id) };
}

/** The messages of a client that had `had`, and reads on page by page. */
async function readOn(reader: Act, had: HistoryPage, limit: number): Promise<Message[]> {
  const messages = new Map(had.items.map((message) => [message.seq, message]));
  for (let after_seq: number | null = had.head_seq; after_seq !== null; ) {
    const page: HistoryPage = await reader.history({ after_seq, limit });
    expect(page.updates.length).toBeLessThanOrEqual(limit);
    const changed = page.updates.map(({ message }) => message);
    for (const message of [...page.items, ...changed]) messages.set(message.seq, message);
    expect(page.next_after_seq ?? page.head_seq).toBeGreaterThan(after_seq);
    after_seq = page.next_after_seq;
  }
  return [...messages.values()].sort((a, b) => a.seq - b.seq);
}

describe("history with changes", () => {
  it("brings, paging forward, each earlier message that has changed, as it is now, once", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const one = await send(bob, conversation_id, "1");
    const two = await send(bob, conversation_id, "2");
    await by(owner).react(one.message_id, "👍");
    await by(bob).edit(one.message_id, "1!");
    await send(owner, conversation_id, "5");
    await by(bob).delete(two.message_id);
    const page = await by(owner).history({ after_seq: 2 });
    expect(page.items.map(({ seq }) => seq)).toEqual([5]);
    expect(page.updates).toMatchObject([
      {
        seq: 4,
        change: "edited",
        message_id: one.message_id,
        message: { content: "1!", reactions: [{ mine: true }] },
      },
      { seq: 6, change: "deleted", message: { seq: 2, content: "" } },
    ]);
    expect(page).toMatchObject({ head_seq: 6, has_more: false, next_after_seq: null });
    // What stands in the page itself is there as it is now, and is not told again.
    const whole = await by(owner).history({ after_seq: 0 });
    expect(whole.updates).toEqual([]);
    expect(whole.items.map(({ content }) => content)).toEqual(["1!", "", "5"]);
    expect((await by(owner).history({ before_seq: 6 })).updates).toEqual([]);
    expect(await by(owner).history({ after_seq: 6 })).toMatchObject({
      items: [],
      updates: [],
      has_more: false,
    });
    expect((await by(owner).history({ after_seq: 5 })).updates).toMatchObject([{ seq: 6 }]);
  });

  it("misses nothing, whatever the size of its pages: a client that reads on has what the newest page shows", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const sent: string[] = [];
    for (let count = 0; count < 12; count++)
      sent.push((await send(bob, conversation_id, `${count}`)).message_id);
    // The client had everything up to here.
    const had = await by(owner).history({ after_seq: 0 });
    for (const message_id of sent) await by(owner).react(message_id, "👍");
    await send(bob, conversation_id, "between");
    for (const [index, message_id] of sent.entries()) await by(bob).edit(message_id, `edited ${index}`);
    for (const message_id of sent.slice(0, 4)) await by(bob).delete(message_id);
    const expected = (await by(owner).history()).items;
    for (const limit of [1, 2, 3, 5, 100]) expect(await readOn(by(owner), had, limit)).toEqual(expected);
  });

  it("[DLV-1] changes of long messages are handed over and read in pages that an object can hold", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const long = "x".repeat(100_000);
    const sent: string[] = [];
    for (let count = 0; count < 40; count++)
      sent.push((await send(bob, conversation_id, `${count} ${long}`.slice(0, 100_000))).message_id);
    for (const message_id of sent) await by(owner).react(message_id, "👍");
    const stub = env.CONVERSATIONS.getByName(conversation_id);
    const stretch = { after_seq: 40, up_to_seq: 80, limit: 100 };
    const entries = await stub.readEntries(owner.user_id, "phone", stretch);
    expect(entries?.length).toBeLessThan(40);
    expect(entries?.length).toBeGreaterThan(10);
    const page = await by(owner).history({ after_seq: 40 });
    // Whoever follows the messages alone is not led in circles.
    expect(page).toMatchObject({ items: [], has_more: false });
    expect(page.next_after_seq).toBeLessThan(80);
    expect(page.updates.length).toBeLessThan(40);
    const device = await connectDevice(owner, { batch: true });
    await device.next("SYNC_COMPLETE");
    expect(device.all("MESSAGE_UPDATE").map(({ payload }) => payload.seq)).toEqual(
      Array.from({ length: 40 }, (_, index) => index + 41),
    );
    await runInDurableObject(stub, (_, state) => state.storage.deleteAlarm());
  });
});
