import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { v7 as newId } from "uuid";
import { describe, expect, it, vi } from "vitest";
import type { Identity } from "../../src/domain/identity.ts";
import type { InboxQuery } from "../../src/objects/user/inbox-query.ts";
import type { InboxSettings } from "../../src/protocol/inbox.ts";
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
} from "../support/workerd/world.ts";

function set(who: Identity, conversation_id: string, settings: InboxSettings) {
  return env.USERS.getByName(who.user_id).changeSettings(who, conversation_id, settings);
}

async function list(who: Identity, query: Partial<InboxQuery> = {}) {
  const page = await env.USERS.getByName(who.user_id).listInbox(who, { limit: 100, ...query });
  if (!page.ok) throw new Error(page.refusal.code);
  return { ids: page.value.items.map((row) => row.conversation_id), next_cursor: page.value.next_cursor };
}

/** Rows of the inbox that were written since the last call. */
function syncId(who: Identity): Promise<number> {
  return runInDurableObject(env.USERS.getByName(who.user_id), (_, { storage }) =>
    storage.sql.exec<{ last: number }>("SELECT max(sync_id) AS last FROM inbox").one(),
  ).then(({ last }) => last);
}

describe.each(STEPS)("settings of a conversation, %s", (_, step) => {
  it("[UNR-2] reach the other devices: at once, and one that was away by its last_sync_id", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const away = await newSession(alice.user_id, "away");
    const conversation_id = await oneOnOne(alice, bob);
    const before = await connectDevice(away);
    const { payload: seen } = await before.next("SYNC_COMPLETE");
    await before.close();
    const here = await connectDevice(alice);
    await here.next("SYNC_COMPLETE");
    await step();
    const changed = await set(alice, conversation_id, {
      pinned: true,
      muted_until: 7,
      notifications: "none",
    });
    const wanted = { conversation_id, pinned: true, muted_until: 7, notifications: "none", archived: false };
    expect(changed).toMatchObject({ ok: true, value: wanted });
    const told = await here.next("INBOX_UPDATE", ({ payload }) => payload.pinned);
    expect(told.payload).toMatchObject(wanted);
    await step();
    const back = await connectDevice(away, { last_sync_id: seen.sync_id });
    await back.next("SYNC_COMPLETE");
    expect(back.all("INBOX_UPDATE").map(({ payload }) => payload)).toMatchObject([wanted]);
    expect(await inboxRow(bob, conversation_id)).toMatchObject({ pinned: false, notifications: "all" });
  });

  it("write one row, and none when nothing changes", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const before = await syncId(alice);
    await step();
    await set(alice, conversation_id, { archived: true });
    expect(await syncId(alice)).toBe(before + 1);
    await step();
    expect(await set(alice, conversation_id, { archived: true })).toMatchObject({
      value: { archived: true },
    });
    await set(alice, conversation_id, {});
    expect(await syncId(alice)).toBe(before + 1);
  });

  it("[SEC-2] are refused alike for a stranger, a made-up conversation, and one that was left", async () => {
    const [alice, bob, carol, eve] = [await newUser(), await newUser(), await newUser(), await newUser()];
    const conversation_id = await group(alice, bob, carol);
    await step();
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    await conversation.changeGroup(alice.user_id, { kind: "remove", user_id: bob.user_id });
    await expect.poll(() => list(bob)).toMatchObject({ ids: [] });
    await step();
    const strange = await set(eve, conversation_id, { pinned: true });
    expect(strange).toMatchObject({ ok: false, refusal: { code: "conversation_not_found" } });
    expect(await set(eve, newId(), { pinned: true })).toEqual(strange);
    expect(await set(bob, conversation_id, { pinned: true })).toEqual(strange);
    expect(await list(bob)).toMatchObject({ ids: [] });
  });

  it("[UNR-2] a mark as unread ends when the conversation is read, on whichever socket", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    await send(bob, conversation_id, "hi");
    const user = env.USERS.getByName(alice.user_id);
    await expect.poll(() => inboxRow(alice, conversation_id)).toMatchObject({ head_seq: 1 });
    await user.markRead(alice, conversation_id, 1);
    await set(alice, conversation_id, { marked_unread: true });
    await step();
    expect(await inboxRow(alice, conversation_id)).toMatchObject({ marked_unread: true, unread_count: 0 });
    await user.markRead(alice, conversation_id, 1);
    expect(await inboxRow(alice, conversation_id)).toMatchObject({ marked_unread: false });
    await set(alice, conversation_id, { marked_unread: true });
    const open = await connectConversation(alice, conversation_id);
    const device = await connectDevice(alice);
    await step();
    open.send(acking(conversation_id, 1, "read"));
    await device.next("INBOX_UPDATE", ({ payload }) => !payload.marked_unread);
    expect(await inboxRow(alice, conversation_id)).toMatchObject({ marked_unread: false });
  });

  it("a new message takes a conversation out of the archive, unless it is muted", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const device = await connectDevice(alice);
    await set(alice, conversation_id, { archived: true, muted_until: Date.now() + 3_600_000 });
    await step();
    await send(bob, conversation_id, "psst");
    await device.next("MESSAGE_RECEIVE", ({ payload }) => payload.content === "psst");
    expect(await inboxRow(alice, conversation_id)).toMatchObject({ archived: true, unread_count: 1 });
    await set(alice, conversation_id, { muted_until: null });
    await step();
    await send(bob, conversation_id, "hello");
    await device.next("INBOX_UPDATE", ({ payload }) => !payload.archived);
    expect(await inboxRow(alice, conversation_id)).toMatchObject({ archived: false, unread_count: 2 });
  });
});

describe("the list of conversations", async () => {
  const [alice, bob, carol, dave] = [await newUser(), await newUser(), await newUser(), await newUser()];
  const ids = [
    await oneOnOne(alice, bob),
    await oneOnOne(alice, carol),
    await oneOnOne(alice, dave),
    await group(alice, bob, carol),
  ];
  const [withBob = "", withCarol = "", withDave = "", team = ""] = ids;
  for (const id of ids) {
    await send(alice, id, `hello ${id}`);
    // No two of the same millisecond: only the activity is to tell them apart.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await vi.waitUntil(async () => (await inboxRow(alice, team)).head_seq === 1, { timeout: 15_000 });
  await set(alice, withBob, { pinned: true });
  await set(alice, withCarol, { archived: true });

  async function paged(query: Partial<InboxQuery>): Promise<string[]> {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(alice, { ...query, limit: 1, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.ids);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return seen;
  }

  it("is by activity, whole, without being asked otherwise", async () => {
    expect(await paged({})).toEqual([team, withDave, withCarol, withBob]);
  });

  it("has pinned ones first when that is asked for, page by page", async () => {
    expect(await paged({ sort: "pinned" })).toEqual([withBob, team, withDave, withCarol]);
    const { next_cursor: cursor } = await list(alice, { limit: 1 });
    const user = env.USERS.getByName(alice.user_id);
    const wrong = await user.listInbox(alice, { limit: 1, sort: "pinned", cursor: cursor ?? "" });
    expect(wrong).toMatchObject({ ok: false, refusal: { code: "invalid_request" } });
  });

  it("is of the archive, or without it", async () => {
    expect(await paged({ archived: true })).toEqual([withCarol]);
    expect(await paged({ archived: false })).toEqual([team, withDave, withBob]);
  });

  it("is of those called so: groups by their names, others by who the peer is", async () => {
    const conversation = env.CONVERSATIONS.getByName(team);
    await conversation.changeGroup(alice.user_id, { kind: "update", update: { name: "Bücher & ÉTÉ" } });
    await expect.poll(() => inboxRow(alice, team)).toMatchObject({ name: "Bücher & ÉTÉ" });
    const named = (q: string, ...peers: Identity[]) =>
      paged({ named: { q, peer_ids: peers.map(({ user_id }) => user_id) } });
    expect(await named("BÜCHER")).toEqual([team]);
    expect(await named("été")).toEqual([team]);
    expect(await named("x", dave, bob)).toEqual([withDave, withBob]);
    expect(await named("bücher", bob)).toEqual([team, withBob]);
    expect(await named("%")).toEqual([]);
  });
});
