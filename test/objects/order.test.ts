import { evictAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { v7 as newId } from "uuid";
import { afterEach, describe, expect, it, vi } from "vitest";
import { as } from "../support/workerd/groups.ts";
import {
  connectConversation,
  connectDevice,
  draft,
  group,
  inboxRow,
  newSession,
  newUser,
  oneOnOne,
  STEPS,
  send,
  sending,
} from "../support/workerd/world.ts";

afterEach(() => vi.restoreAllMocks());

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe.each(STEPS)("the order of a conversation, %s", (_, step) => {
  it("[SEQ-1] [SEQ-3] gives a gapless seq and ascending ids to whatever arrives together", async () => {
    const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await group(alice, bob, carol);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    for (const round of range(3)) {
      await Promise.all(
        [alice, bob, carol].map(({ user_id, device_id }) =>
          conversation.submit(
            user_id,
            range(10).map((n) => ({ device_id, draft: draft(`${round}.${n}`) })),
          ),
        ),
      );
      await step();
    }
    const page = await conversation.history(bob.user_id, { limit: 100 });
    if (!page.ok) throw new Error(page.refusal.code);
    expect(page.value.items.map(({ seq }) => seq)).toEqual(range(90));
    const ids = page.value.items.map(({ message_id }) => message_id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it("[SEQ-2] keeps the order on every socket, alone and in batches", async () => {
    const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
    const conversation_id = await group(alice, bob, carol);
    const receivers = [
      await connectDevice(bob, { batch: true }),
      await connectDevice(carol),
      await connectConversation(carol, conversation_id, { batch: true }),
      await connectConversation(bob, conversation_id),
    ];
    const sender = await connectDevice(alice, { batch: true });
    await step();
    sender.send(...range(60).map((n) => sending(conversation_id, `${n}`)));
    await step();
    for (const socket of receivers) {
      await socket.count("MESSAGE_RECEIVE", 60);
      expect(socket.all("MESSAGE_RECEIVE").map(({ payload }) => payload.seq)).toEqual(range(60));
    }
    await sender.count("MESSAGE_ACK", 60);
    expect(sender.all("MESSAGE_RECEIVE")).toEqual([]);
  });

  it("[DLV-3] [DLV-4] reaches the sender's other devices, and a device on both sockets with one seq", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const laptop = await connectDevice(await newSession(alice.user_id, "laptop"));
    const [device, open] = [await connectDevice(bob), await connectConversation(bob, conversation_id)];
    await step();
    await send(alice, conversation_id, "hi");
    await step();
    expect((await laptop.next("MESSAGE_RECEIVE")).payload.seq).toBe(1);
    const onDevice = await device.next("MESSAGE_RECEIVE");
    const onConversation = await open.next("MESSAGE_RECEIVE");
    expect(onDevice.payload).toMatchObject(onConversation.payload);
  });

  it("[DLV-3] reaches the sender's other devices soon, however much of others came to them before", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const laptop = await connectDevice(await newSession(alice.user_id, "laptop"));
    // While it is open the alarm looks for silent sockets, and not for who has not been served: but for the first.
    await connectConversation(bob, conversation_id);
    await runDurableObjectAlarm(env.CONVERSATIONS.getByName(conversation_id));
    for (const n of range(100)) {
      await send(bob, conversation_id, `${n}`);
      await laptop.count("MESSAGE_RECEIVE", n);
    }
    await send(alice, conversation_id, "mine");
    await laptop.next("MESSAGE_RECEIVE", ({ payload }) => payload.content === "mine");
  });

  it("[DLV-1] pushes past the limit as a gap and the newest entries", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const submissions = range(250).map((n) => ({ device_id: alice.device_id, draft: draft(`${n}`) }));
    await env.CONVERSATIONS.getByName(conversation_id).submit(alice.user_id, submissions);
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 250 });
    await step();
    const device = await connectDevice(bob, { batch: true });
    await device.next("SYNC_COMPLETE");
    expect((await device.next("SYNC_GAP")).payload).toEqual({ conversation_id, from_seq: 1, to_seq: 50 });
    expect(device.contents()).toEqual(range(250).slice(50).map(String));
    const page = await env.CONVERSATIONS.getByName(conversation_id).history(bob.user_id, {
      after_seq: 0,
      limit: 50,
    });
    expect(page).toMatchObject({ ok: true, value: { head_seq: 250, has_more: true } });
    expect(page.ok && page.value.items.map(({ seq }) => seq)).toEqual(range(50));
  });
});

describe("a device that catches up while messages go on", () => {
  it("[SEQ-2] [DLV-1] gets each entry once, the new behind the old", async () => {
    const [alice, bob] = [await newUser(), await newUser()];
    const conversation_id = await oneOnOne(alice, bob);
    const conversation = env.CONVERSATIONS.getByName(conversation_id);
    const submit = (contents: number[]) =>
      conversation.submit(
        alice.user_id,
        contents.map((n) => ({ device_id: alice.device_id, draft: draft(`${n}`) })),
      );
    await submit(range(150));
    await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ head_seq: 150 });
    const connecting = connectDevice(bob);
    for (const n of range(50)) await submit([150 + n]);
    const device = await connecting;
    await device.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === 200);
    expect(device.all("MESSAGE_RECEIVE").map(({ payload }) => payload.seq)).toEqual(range(200));
  });
});

/** Copies an inbox row, as rows of other conversations that have changed after all there are. */
async function addRows(user_id: string, conversation_id: string, count: number): Promise<void> {
  await runInDurableObject(env.USERS.getByName(user_id), (_, { storage: { sql } }) => {
    const row = sql.exec("SELECT * FROM inbox WHERE conversation_id = ?", conversation_id).one();
    const { last } = sql.exec<{ last: number }>("SELECT max(sync_id) AS last FROM inbox").one();
    for (const n of range(count)) {
      const copy = { ...row, conversation_id: newId(), positions: "{}", sync_id: last + n };
      const places = Object.keys(copy).map(() => "?");
      sql.exec(
        `INSERT INTO inbox (${Object.keys(copy).join()}) VALUES (${places.join()})`,
        ...Object.values(copy),
      );
    }
  });
  await evictAllDurableObjects();
}

/** From the first inbox row that is sent on, nothing leaves a server's socket until `resume` is called. */
function stallAtInboxRows(): { resume: () => void } {
  let isStalled: boolean | null = null;
  const original = WebSocket.prototype.send;
  vi.spyOn(WebSocket.prototype, "send").mockImplementation(function (this: WebSocket, data) {
    if (isStalled === null && typeof data === "string" && data.includes("INBOX_UPDATE")) isStalled = true;
    original.call(this, data);
  });
  vi.spyOn(WebSocket.prototype, "bufferedAmount", "get").mockImplementation(() => (isStalled ? 2 ** 21 : 0));
  return {
    resume: () => {
      isStalled = false;
    },
  };
}

describe("a device that comes back over a slow line to many changed conversations", () => {
  it("[DLV-1] [UNR-2] is told of them in portions, and of what changes meanwhile", async () => {
    const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()];
    const early = await group(alice, bob, carol);
    const late = await group(alice, bob, carol);
    const before = await connectDevice(bob);
    const { sync_id: last_sync_id } = (await before.next("SYNC_COMPLETE")).payload;
    await before.close();
    const rename = async (conversation_id: string, name: string) => {
      await as(alice, conversation_id).update({ name });
      await expect.poll(() => inboxRow(bob, conversation_id)).toMatchObject({ name });
    };
    await rename(early, "renamed early");
    await addRows(bob.user_id, early, 250);
    await rename(late, "renamed late");

    const line = stallAtInboxRows();
    const device = await connectDevice(bob, { last_sync_id });
    await device.count("INBOX_UPDATE", 100);
    await rename(early, "renamed again");
    await send(alice, late, "meanwhile");
    await device.next("MESSAGE_RECEIVE");
    expect(device.all("SYNC_COMPLETE")).toEqual([]);
    const live = device.all("INBOX_UPDATE").slice(100);
    expect(live.map(({ payload }) => payload.conversation_id)).not.toContain(late);

    line.resume();
    const { payload: synced } = await device.next("SYNC_COMPLETE");
    const rows = device.all("INBOX_UPDATE").map(({ payload }) => payload);
    expect(new Set(rows.map(({ conversation_id }) => conversation_id)).size).toBe(252);
    const toldOf = (conversation_id: string) => rows.filter((row) => row.conversation_id === conversation_id);
    expect(toldOf(early).at(-1)).toMatchObject({ name: "renamed again" });
    expect(toldOf(late).at(-1)).toMatchObject({
      name: "renamed late",
      last_message: { content: "meanwhile" },
    });
    for (const conversation_id of [early, late]) {
      const ids = toldOf(conversation_id).map(({ sync_id }) => sync_id);
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    }
    expect(synced.sync_id).toBe(Math.max(...rows.map(({ sync_id }) => sync_id)));

    const again = await connectDevice(bob, { last_sync_id: synced.sync_id });
    await again.next("SYNC_COMPLETE");
    expect(again.all("INBOX_UPDATE")).toEqual([]);
  });
});
