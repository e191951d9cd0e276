import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import type { Message } from "../../src/protocol/message.ts";
import { as, everythingIn, newUsers, refusalOf, rowsOf } from "../support/workerd/groups.ts";
import {
  connectConversation,
  connectDevice,
  group,
  inboxRow,
  STEPS,
  send,
} from "../support/workerd/world.ts";

async function threeInAGroup() {
  const [owner, bob, cem] = await newUsers(3);
  if (!owner || !bob || !cem) throw new Error("there are three");
  const conversation_id = await group(owner, bob, cem);
  return { conversation_id, owner, bob, cem, by: (who: Identity) => as(who, conversation_id) };
}

async function countEntries(conversation_id: string): Promise<number> {
  const [row] = await rowsOf(conversation_id, "SELECT count(*) AS count FROM entries");
  return Number(row?.count);
}

const KINDS = [..."😀😃😄😁😆😅😂🙂🙃😉😊😇😍😘😗😋😛😜🤪😝"];

describe.each(STEPS)("changing messages, %s", (_, step) => {
  it("edits one's own message: everybody sees the new text, and where it was edited", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const { message_id } = await send(bob, conversation_id, "frist");
    const device = await connectDevice(owner);
    const open = await connectConversation(owner, conversation_id);
    await step();
    const edited = await by(bob).message(message_id, {
      kind: "edit",
      edit: { content: "first", metadata: { lang: "en" } },
    });
    expect(edited).toMatchObject({ seq: 1, content: "first", metadata: { lang: "en" }, message_id });
    expect(edited.edited_at).toBeGreaterThan(0);
    await step();
    for (const socket of [device, open]) {
      const { payload } = await socket.next("MESSAGE_UPDATE");
      expect(payload).toMatchObject({ seq: 2, message_id, change: "edited", message: edited });
    }
    expect(await by(bob).edit(message_id, "first!")).toMatchObject({ metadata: { lang: "en" } });
    expect((await by(owner).history()).items).toMatchObject([{ seq: 1, content: "first!" }]);
    await expect
      .poll(() => inboxRow(owner, conversation_id))
      .toMatchObject({ head_seq: 3, last_message: { content: "first!", seq: 1 }, unread_count: 1 });
    expect(await refusalOf(by(owner).edit(message_id, "mine now"))).toBe("forbidden");
    expect(await refusalOf(by(bob).edit(message_id, "x".repeat(100_001)))).toBe("message_too_long");
  });

  it("lets a message be edited for so long and no longer, whoever and whatever it is", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const { message_id } = await send(bob, conversation_id, "old");
    const day_ms = 86_400_000;
    const age = (ms: number) =>
      runInDurableObject(env.CONVERSATIONS.getByName(conversation_id), (_, state) => {
        state.storage.sql.exec("UPDATE entries SET created_at = ?", Date.now() - ms);
      });
    await age(day_ms - 60_000);
    await step();
    await by(bob).edit(message_id, "in time");
    await age(day_ms + 1_000);
    await step();
    expect(await refusalOf(by(bob).edit(message_id, "too late"))).toBe("forbidden");
    await by(bob).react(message_id, "👍");
    await by(owner).pin(message_id);
    await by(bob).delete(message_id);
  });

  it("deletes a message for everybody: its text is in no table any more, its place stays", async () => {
    const { conversation_id, owner, bob, cem, by } = await threeInAGroup();
    const { message_id } = await send(bob, conversation_id, "first secret");
    await by(bob).message(message_id, {
      kind: "edit",
      edit: { content: "second secret", metadata: { secret: 1 } },
    });
    await by(owner).react(message_id, "🎉");
    await by(owner).pin(message_id);
    await step();
    expect(await refusalOf(by(cem).delete(message_id))).toBe("forbidden");
    expect(await by(bob).delete(message_id)).toMatchObject({ content: "", metadata: null, reactions: [] });
    await step();
    expect(await everythingIn(conversation_id)).not.toMatch(/secret|🎉/);
    const [message] = (await by(cem).history()).items;
    expect(message).toMatchObject({ seq: 1, message_id, content: "", edited_at: expect.any(Number) });
    expect(message).not.toHaveProperty("pinned_at");
    expect(message?.deleted_at).toBeGreaterThan(0);
    expect(await by(cem).pins()).toEqual([]);
    for (const attempt of [
      () => by(bob).edit(message_id, "back"),
      () => by(bob).react(message_id, "👍"),
      () => by(bob).unreact(message_id, "👍"),
      () => by(owner).pin(message_id),
      () => by(owner).unpin(message_id),
    ])
      expect(await refusalOf(attempt())).toBe("not_found");
    await expect
      .poll(async () => JSON.stringify((await inboxRow(cem, conversation_id)).last_message))
      .not.toContain("secret");
  });

  it("deletes once: a repeat by who may delete it is answered as the first, and is no entry", async () => {
    const { conversation_id, owner, bob, cem, by } = await threeInAGroup();
    const { message_id } = await send(bob, conversation_id, "x");
    const deleted = await by(bob).delete(message_id);
    const count = await countEntries(conversation_id);
    await step();
    for (const who of [bob, owner]) expect(await by(who).delete(message_id)).toEqual(deleted);
    expect(await refusalOf(by(cem).delete(message_id))).toBe("forbidden");
    expect(await countEntries(conversation_id)).toBe(count);
  });

  it("[IDEM-1] [SEQ-1] a message that was edited or deleted is not sent once more by its repeat", async () => {
    const { conversation_id, bob, by } = await threeInAGroup();
    const sent = await send(bob, conversation_id, "once", "c1");
    await by(bob).edit(sent.message_id, "twice");
    expect(await send(bob, conversation_id, "once", "c1")).toMatchObject({ seq: 1, duplicate: true });
    await by(bob).delete(sent.message_id);
    await step();
    expect(await send(bob, conversation_id, "once", "c1")).toMatchObject({
      seq: 1,
      message_id: sent.message_id,
      duplicate: true,
    });
    expect(await countEntries(conversation_id)).toBe(3);
  });

  it("lets admins delete what others said", async () => {
    const { conversation_id, owner, bob, cem, by } = await threeInAGroup();
    await by(owner).setRole(bob, "admin");
    const { message_id } = await send(owner, conversation_id, "x");
    await step();
    expect(await by(bob).delete(message_id)).toMatchObject({ sender_id: owner.user_id, content: "" });
    const other = await send(bob, conversation_id, "y");
    expect(await refusalOf(by(cem).delete(other.message_id))).toBe("forbidden");
  });

  it("takes reactions: one of a kind from each, and everyone sees its own as such", async () => {
    const { conversation_id, owner, bob, cem, by } = await threeInAGroup();
    const { message_id } = await send(bob, conversation_id, "x");
    const devices = await Promise.all([owner, bob, cem].map((who) => connectDevice(who)));
    const sockets = await Promise.all(
      [owner, bob, cem].map((who) => connectConversation(who, conversation_id)),
    );
    await by(owner).react(message_id, "👍");
    await by(bob).react(message_id, "👍");
    await step();
    await by(bob).react(message_id, "❤");
    const heart = { emoji: "❤️", count: 1 };
    const seen = (thumb: boolean, mine: boolean) => [
      { emoji: "👍", count: 2, mine: thumb },
      { ...heart, mine },
    ];
    const expected = [seen(true, false), seen(true, true), seen(false, false)];
    for (const group of [devices, sockets]) {
      for (const [index, socket] of group.entries()) {
        const { payload } = await socket.next("MESSAGE_UPDATE", (update) => update.payload.seq === 4);
        expect(payload).toMatchObject({ change: "reaction", message: { reactions: expected[index] } });
      }
    }
    await step();
    for (const [index, who] of [owner, bob, cem].entries()) {
      const [message] = (await by(who).history()).items;
      expect(message?.reactions).toEqual(expected[index]);
    }
    // From the log, long after.
    const late = await connectDevice(cem);
    await late.next("SYNC_COMPLETE");
    const updates = late.all("MESSAGE_UPDATE").map(({ payload }) => payload.message.reactions);
    expect(updates.at(-1)).toEqual(expected[2]);
    expect(await by(bob).unreact(message_id, "👍")).toMatchObject({
      reactions: [
        { emoji: "👍", count: 1, mine: false },
        { ...heart, mine: true },
      ],
    });
  });

  it("takes twenty kinds of reactions to a message and no more, and nothing that is no emoji", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const { message_id } = await send(bob, conversation_id, "x");
    for (const emoji of KINDS) await by(bob).react(message_id, emoji);
    await step();
    expect(await refusalOf(by(owner).react(message_id, "👍"))).toBe("invalid_request");
    expect((await by(owner).react(message_id, KINDS[0] ?? "")).reactions).toHaveLength(20);
    await by(bob).unreact(message_id, KINDS[1] ?? "");
    expect((await by(owner).react(message_id, "👨‍👩‍👧‍👦")).reactions).toHaveLength(20);
    const before = await countEntries(conversation_id);
    for (const text of ["", "a", "1", "👍👍", "👍 ", " ", "😀x", "\u{FE0F}", "🇩", "é", "<b>", "\u200D"]) {
      expect(await refusalOf(by(owner).react(message_id, text))).toBe("invalid_request");
      expect(await refusalOf(by(owner).unreact(message_id, text))).toBe("invalid_request");
    }
    expect(await countEntries(conversation_id)).toBe(before);
  });

  it("writes nothing where nothing changes", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const { message_id } = await send(bob, conversation_id, "x");
    await by(bob).react(message_id, "👍");
    await by(owner).pin(message_id);
    await by(owner).update({ description: "We" });
    await step();
    const before = await everythingIn(conversation_id);
    await by(bob).edit(message_id, "x");
    await by(bob).react(message_id, "👍");
    await by(owner).unreact(message_id, "👍");
    await by(owner).pin(message_id);
    await by(owner).update({ name: "Group", description: "We", avatar_url: null, history_visible: false });
    await by(owner).update({});
    expect(await refusalOf(by(owner).edit(message_id, "y"))).toBe("forbidden");
    expect(await everythingIn(conversation_id)).toBe(before);
  });

  it("pins messages: the one pinned last comes first", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const sent: string[] = [];
    for (const content of ["1", "2", "3"]) sent.push((await send(bob, conversation_id, content)).message_id);
    const [one = "", two = "", three = ""] = sent;
    expect(await refusalOf(by(bob).pin(one))).toBe("forbidden");
    for (const message_id of [three, one, two]) {
      await by(owner).pin(message_id);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await step();
    const contents = (messages: readonly Message[]) => messages.map(({ content }) => content);
    expect(contents(await by(bob).pins())).toEqual(["2", "1", "3"]);
    expect(await by(owner).unpin(one)).not.toHaveProperty("pinned_at");
    await by(bob).edit(two, "2!");
    expect(contents(await by(bob).pins())).toEqual(["2!", "3"]);
    expect(await refusalOf(by(bob).unpin(two))).toBe("forbidden");
  });

  it("changes nothing that is no message: an event, a change, an id that is not there", async () => {
    const { conversation_id, owner, bob, by } = await threeInAGroup();
    const { message_id } = await send(bob, conversation_id, "x");
    await by(owner).update({ name: "Event" });
    await by(bob).react(message_id, "👍");
    await step();
    const ids = (await rowsOf(conversation_id, "SELECT message_id FROM entries WHERE kind <> 'message'")).map(
      (row) => String(row.message_id),
    );
    expect(ids).toHaveLength(2);
    for (const id of [
      ...ids,
      "01890000-0000-7000-8000-000000000000",
      "ffffffff-ffff-7fff-bfff-ffffffffffff",
    ]) {
      for (const attempt of [
        () => by(owner).edit(id, "x"),
        () => by(owner).delete(id),
        () => by(owner).react(id, "👍"),
        () => by(owner).pin(id),
      ])
        expect(await refusalOf(attempt())).toBe("not_found");
    }
  });
});
