import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { IndexedDbStorage, MemoryStorage, MemoryTokenStore, UimError } from "../../sdk/index.ts";
import { OwnStorage } from "../../sdk/storage/own-storage.ts";
import {
  createClient,
  hurriedEnvironment,
  newUser,
  PASSWORD,
  shows,
  until,
} from "../support/sdk/sdk-client.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function pair() {
  const [ada, bob] = await Promise.all([newUser(server.url), newUser(server.url)]);
  const mine = await ada.client.conversationWith(bob.user_id);
  const { conversation_id } = mine;
  return { ada, bob, conversation_id, mine, his: bob.client.conversation(conversation_id) };
}

/** A network that loses the first so many answers to a path. */
function losing(count: number, path: string) {
  const environment = hurriedEnvironment();
  let lost = 0;
  const lossy = async (url: string, init: RequestInit) => {
    const response = await environment.fetch(url, init);
    if (!url.endsWith(path) || lost === count) return response;
    lost++;
    throw new TypeError("the connection was cut");
  };
  return { environment: { ...environment, fetch: lossy }, lost: () => lost };
}

describe("the SDK against a real server", () => {
  it("asks only for routes that there are", async () => {
    const document = await (await fetch(`${server.url}/api/openapi.json`)).json();
    const { paths } = z.object({ paths: z.record(z.string(), z.looseObject({})) }).parse(document);
    const known = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(
        (method) => [method, new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`)] as const,
      ),
    );
    const asked: [string, string][] = [];
    const environment = {
      ...hurriedEnvironment(),
      fetch: async (url: string, { method = "" }: RequestInit) => {
        asked.push([method.toLowerCase(), new URL(url).pathname]);
        return new Response("{}", { status: 418 });
      },
    };
    const tokens = new MemoryTokenStore({
      access_token: "x",
      refresh_token: "x",
      session_id: "x",
      device_id: "x",
    });
    const { client } = createClient(server.url, { environment, tokens });
    await client.resume().catch(() => undefined);
    const id = "01900000-0000-7000-8000-000000000001";
    for (const call of Object.values(client.api))
      await Reflect.apply(call, null, [id, id, id]).catch(() => undefined);
    expect(asked).toHaveLength(Object.keys(client.api).length);
    const strange = asked.filter(
      ([method, path]) => !known.some(([name, shape]) => name === method && shape.test(path)),
    );
    expect(strange).toEqual([]);
  });

  it("chats both ways, with receipts and unread counts", async () => {
    const { ada, bob, mine, his } = await pair();
    const heard: string[] = [];
    bob.client.on("message", ({ content }) => heard.push(content));
    await Promise.all([mine.open(), his.open()]);
    const { acknowledged, client_message_id } = mine.send("Hello Bob");
    expect(mine.getSnapshot().messages[0]).toMatchObject({
      status: "pending",
      seq: null,
      content: "Hello Bob",
    });
    const key = mine.getSnapshot().messages[0]?.key;
    const ack = await acknowledged;
    expect(ack).toMatchObject({ client_message_id, seq: 1 });
    await shows(his, ["Hello Bob"]);
    await expect.poll(() => heard).toEqual(["Hello Bob"]);
    await until(bob.client.inbox, ({ unread_count }) => unread_count === 1);
    await until(mine, ({ messages: [first] }) => first?.status === "delivered");
    his.markRead();
    await until(mine, ({ messages }) => messages[0]?.status === "read");
    expect(mine.getSnapshot().messages[0]?.key).toBe(key);
    await until(bob.client.inbox, ({ unread_count }) => unread_count === 0);

    his.send("Hello Ada");
    await shows(mine, ["Hello Bob", "Hello Ada"]);
    const message_id = ack.message_id;
    await mine.edit(message_id, "Hello again");
    await shows(his, ["Hello again", "Hello Ada"]);
    await his.react(message_id, "👍");
    await until(mine, ({ messages }) => messages[0]?.reactions[0]?.count === 1);
    await mine.pin(message_id);
    await until(his, ({ messages }) => messages[0]?.pinned_at !== undefined);
    await mine.delete(message_id);
    await until(his, ({ messages }) => messages[0]?.deleted_at !== null);
    expect([ada.faults, bob.faults]).toEqual([[], []]);
    ada.client.disconnect();
    bob.client.disconnect();
  });

  it("sends what was written offline once it is back, in order, and hears what it missed", async () => {
    const { ada, bob, mine, his } = await pair();
    await mine.send("one").acknowledged;
    ada.client.disconnect();
    const sendings = ["two", "three", "four"].map((text) => mine.send(text));
    await his.send("meanwhile").acknowledged;
    expect(ada.client.unsent.getSnapshot()).toHaveLength(3);
    await ada.client.connect();
    await Promise.all(sendings.map(({ acknowledged }) => acknowledged));
    await shows(mine, ["one", "meanwhile", "two", "three", "four"]);
    await shows(his, ["one", "meanwhile", "two", "three", "four"]);
    expect(ada.client.unsent.getSnapshot()).toEqual([]);
    expect([ada.faults, bob.faults]).toEqual([[], []]);
    ada.client.disconnect();
    bob.client.disconnect();
  });

  it("shows a second device what the first one sends and reads", async () => {
    const { ada, bob, conversation_id, mine, his } = await pair();
    const second = createClient(server.url);
    await second.client.login({ username: ada.username, password: PASSWORD });
    await second.client.connect();
    await mine.send("from the first").acknowledged;
    await his.send("to both").acknowledged;
    const there = second.client.conversation(conversation_id);
    await shows(there, ["from the first", "to both"]);
    expect(there.getSnapshot().messages.map(({ mine: isMine }) => isMine)).toEqual([true, false]);
    await until(second.client.inbox, ({ unread_count }) => unread_count === 1);
    await shows(mine, ["from the first", "to both"]);
    mine.markRead();
    await until(second.client.inbox, ({ unread_count }) => unread_count === 0);
    expect(second.faults).toEqual([]);
    for (const { client } of [ada, bob, second]) client.disconnect();
  });

  it.each([
    ["memory", () => new MemoryStorage()],
    ["IndexedDB", () => new IndexedDbStorage({ indexedDB: new IDBFactory(), IDBKeyRange })],
  ])("keeps the outbox and what it showed over a reload, in %s", async (_, createStorage) => {
    const bob = await newUser(server.url);
    const kept = { storage: createStorage(), tokens: new MemoryTokenStore() };
    const before = await newUser(server.url, kept);
    const { conversation_id } = await before.client.conversationWith(bob.user_id);
    const his = bob.client.conversation(conversation_id);
    await his.send("before the reload").acknowledged;
    const shown = before.client.conversation(conversation_id);
    await shows(shown, ["before the reload"]);
    before.client.disconnect();
    shown.send("written offline");
    const own = new OwnStorage(kept.storage, before.client.user_id ?? "");
    await expect.poll(() => own.list("outbox/")).toHaveLength(1);

    const after = createClient(server.url, kept);
    expect(await after.client.resume()).toBe(true);
    const again = after.client.conversation(conversation_id);
    // Nothing was asked of the server yet.
    await shows(again, ["before the reload", "written offline"]);
    expect(again.getSnapshot().messages.at(-1)?.status).toBe("pending");
    expect(after.client.inbox.getSnapshot().rows).toHaveLength(1);
    const told: string[] = [];
    after.client.on("message", ({ content }) => told.push(content));
    await after.client.connect();
    await shows(his, ["before the reload", "written offline"]);
    await until(again, ({ messages }) => messages.at(-1)?.seq === 2);
    expect(told).toEqual([]);
    expect([before.faults, after.faults, bob.faults]).toEqual([[], [], []]);
    after.client.disconnect();
    bob.client.disconnect();
  });

  it("stops for good when its session is revoked, and says so [SEC-1]", async () => {
    const ada = await newUser(server.url);
    const second = createClient(server.url);
    await second.client.login({ username: ada.username, password: PASSWORD });
    await second.client.connect();
    const ended = new Promise<UimError>((resolve) => second.client.on("signed_out", resolve));
    const { items } = await ada.client.api.sessions();
    const other = items.find(({ current }) => !current);
    await ada.client.api.endSession(other?.session_id ?? "");
    expect((await ended).code).toBe("session_revoked");
    await expect(second.client.api.me()).rejects.toMatchObject({ code: "signed_out" });
    await expect(second.client.connect()).rejects.toBeInstanceOf(UimError);
    ada.client.disconnect();
  });

  it("refreshes an expired access token by itself, once for all who wait, and again if the answers are lost", async () => {
    // Short, and yet long enough for a new token to be still good when it is used on a busy machine.
    const quick = await startTestServer({ vars: { ACCESS_TOKEN_SECONDS: "4" } });
    try {
      const ada = await newUser(quick.url);
      const lossy = losing(2, "/api/auth/refresh");
      const bob = await newUser(quick.url, { environment: lossy.environment });
      await new Promise((resolve) => setTimeout(resolve, 5_100));
      const answers = await Promise.all([
        ada.client.api.me(),
        ada.client.api.inbox(),
        ada.client.api.sessions(),
      ]);
      expect(answers[0].user_id).toBe(ada.user_id);
      expect(await bob.client.api.me()).toMatchObject({ user_id: bob.user_id });
      expect(lossy.lost()).toBe(2);
      for (const { client } of [ada, bob]) client.disconnect();
    } finally {
      await quick.stop();
    }
  });

  it("pages back through a long history, and fetches what was too much to be pushed [DLV-1]", async () => {
    const { ada, bob, conversation_id, mine, his } = await pair();
    await mine.send("0").acknowledged;
    await until(mine, ({ messages: [first] }) => first?.status === "delivered");
    bob.client.disconnect();
    const count = 260;
    const all = Array.from({ length: count }, (_, index) => String(index));
    const sendings = all.slice(1).map((text) => mine.send(text));
    await Promise.all(sendings.map(({ acknowledged }) => acknowledged));
    const told: string[] = [];
    bob.client.on("message", ({ content }) => told.push(content));
    await bob.client.connect();
    await shows(his, all);
    await until(bob.client.inbox, ({ rows }) => rows[0]?.unread_count === count);
    expect(told).toEqual(all.slice(1));

    const fresh = createClient(server.url);
    await fresh.client.login({ username: ada.username, password: PASSWORD });
    await fresh.client.connect();
    const there = fresh.client.conversation(conversation_id);
    await there.open();
    expect(there.getSnapshot().messages).toHaveLength(50);
    while (there.getSnapshot().hasEarlier) await there.loadEarlier();
    await shows(there, all);
    expect([ada.faults, bob.faults, fresh.faults]).toEqual([[], [], []]);
    for (const { client } of [ada, bob, fresh]) client.disconnect();
  });

  it("follows a group: members, events, names, leaving", async () => {
    const [ada, bob, cleo] = await Promise.all([
      newUser(server.url),
      newUser(server.url),
      newUser(server.url),
    ]);
    const group = await ada.client.createGroup("Old name", [bob.user_id, cleo.user_id]);
    const { conversation_id } = group;
    await group.open();
    const events: unknown[] = [];
    bob.client.on("event", ({ event }) => events.push(event?.change));
    const his = bob.client.conversation(conversation_id);
    await group.send(`Hello @${bob.username}`).acknowledged;
    await until(bob.client.inbox, ({ mention_count }) => mention_count === 1);
    await until(group, ({ messages }) => messages.at(-1)?.mentions?.[0] === bob.user_id);
    await ada.client.api.updateGroup(conversation_id, { name: "New name" });
    await until(his, ({ details }) => details?.name === "New name");
    await ada.client.api.removeMember(conversation_id, cleo.user_id);
    await until(group, ({ members }) => members.length === 2);
    await until(cleo.client.inbox, ({ rows }) => rows.length === 0);
    await until(his, ({ messages }) => messages.at(-1)?.event?.change === "member_removed");
    expect(events).toEqual(expect.arrayContaining(["renamed", "member_removed"]));
    for (const { client, faults } of [ada, bob, cleo]) {
      expect(faults).toEqual([]);
      client.disconnect();
    }
  });

  it("shows who is added nothing of what was there before, whatever others make of it [CONV-5]", async () => {
    const [ada, bob, cem, dora] = await Promise.all([
      newUser(server.url),
      newUser(server.url),
      newUser(server.url),
      newUser(server.url),
    ]);
    const mine = await ada.client.createGroup("Tea", [bob.user_id, dora.user_id]);
    const { conversation_id } = mine;
    const { message_id } = await mine.send("old").acknowledged;
    await ada.client.api.addMembers(conversation_id, [cem.user_id]);
    // A device that has nothing yet reads a page that is all there is for it.
    const second = createClient(server.url);
    await second.client.login({ username: cem.username, password: PASSWORD });
    await second.client.connect();
    const fresh = second.client.conversation(conversation_id);
    await fresh.open();
    await bob.client.conversation(conversation_id).react(message_id, "👍");
    await mine.delete(message_id);
    await mine.send("new").acknowledged;
    await until(fresh, ({ messages }) => messages.at(-1)?.content === "new");
    const { messages, hasEarlier } = fresh.getSnapshot();
    expect(messages.map(({ content, event }) => event?.change ?? content)).toEqual(["member_added", "new"]);
    expect(hasEarlier).toBe(false);
    for (const { client } of [ada, bob, cem, dora, second]) client.disconnect();
  });

  it("shows a message that the server refuses as failed, and lets it be dropped", async () => {
    const [ada, bob, cleo] = await Promise.all([
      newUser(server.url),
      newUser(server.url),
      newUser(server.url),
    ]);
    const group = await ada.client.createGroup("Group", [bob.user_id, cleo.user_id]);
    const hers = cleo.client.conversation(group.conversation_id);
    await until(cleo.client.inbox, ({ rows }) => rows.length === 1);
    await ada.client.api.removeMember(group.conversation_id, cleo.user_id);
    await until(cleo.client.inbox, ({ rows }) => rows.length === 0);
    const { acknowledged, client_message_id } = hers.send("too late");
    await expect(acknowledged).rejects.toMatchObject({ code: "conversation_not_found" });
    expect(hers.getSnapshot().messages.at(-1)).toMatchObject({
      status: "failed",
      failure: { code: "conversation_not_found" },
    });
    expect(hers.drop(client_message_id)).toBe(true);
    expect(cleo.client.unsent.getSnapshot()).toEqual([]);
    expect(() => hers.send("")).toThrow(UimError);
    for (const { client } of [ada, bob, cleo]) client.disconnect();
  });
});
