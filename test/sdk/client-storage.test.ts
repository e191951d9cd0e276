import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryTokenStore } from "../../sdk/http/token-store.ts";
import { MemoryStorage } from "../../sdk/storage/memory-storage.ts";
import { messagesOf } from "../../sdk/storage/records.ts";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { type FakeWorld, fakeWorld, shown } from "./support/fake-world.ts";
import { CHAT, conversationAt, ME, newMessage, OTHER } from "./support/log-model.ts";

let environment: FakeWorld["environment"];
let server: FakeWorld["server"];
let kept: FakeWorld["kept"];
let own: FakeWorld["own"];
let faults: FakeWorld["faults"];
let create: FakeWorld["create"];
let connected: FakeWorld["connected"];

beforeEach(() => {
  ({ environment, server, kept, own, faults, create, connected } = fakeWorld());
});
afterEach(() => expect(faults).toEqual([]));

describe("a client and what it keeps", () => {
  it("acknowledges only what is kept [DLV-1]", async () => {
    let release: () => void = () => undefined;
    const storage = new MemoryStorage();
    const write = storage.write.bind(storage);
    const { client } = await connected({ storage });
    await environment.advance(1_000);
    storage.write = async (writes) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return write(writes);
    };
    server.says("x");
    await environment.advance(1_000);
    expect(server.acked_seq).toBe(0);
    release();
    await environment.settle();
    expect(server.acked_seq).toBe(1);
    expect(client.connection.getSnapshot().isSynced).toBe(true);
  });

  it("neither acknowledges nor forgets what could not be kept [DLV-1]", async () => {
    const { chat, client } = await connected();
    await environment.advance(1_000);
    const write = vi.spyOn(kept.storage, "write").mockRejectedValue(new Error("no space"));
    server.says("one");
    chat.send("two");
    await environment.advance(60_000);
    expect(server.acked_seq).toBe(0);
    // It is no use to try all the time.
    expect(write.mock.calls.length).toBeLessThan(60);
    expect(new Set(faults.splice(0))).toEqual(new Set([new Error("no space")]));
    write.mockRestore();
    await environment.advance(10_000);
    expect(server.acked_seq).toBe(2);
    client.disconnect();
    const { client: after } = create();
    await after.resume();
    const again = after.conversation(CHAT);
    await environment.settle();
    expect(shown(again)).toEqual(["one", "two"]);
    expect(after.inbox.getSnapshot().rows[0]?.head_seq).toBe(2);
  });

  it("opens offline with what it had, and catches up when online", async () => {
    const first = await connected();
    server.says("one");
    first.chat.send("two");
    first.chat.markRead();
    await environment.advance(1_000);
    first.client.disconnect();
    first.chat.send("three");
    await environment.settle();
    server.says("four");

    const { client, heard } = create();
    expect(await client.resume()).toBe(true);
    const chat = client.conversation(CHAT);
    await environment.settle();
    expect(shown(chat)).toEqual(["one", "two", "three"]);
    expect(client.inbox.getSnapshot().rows[0]).toMatchObject({ head_seq: 2, unread_count: 0 });
    expect(client.inbox.getSnapshot().rows[0]?.last_message?.content).toBe("two");
    await client.connect();
    await environment.settle();
    expect(shown(chat)).toEqual(["one", "two", "four", "three"]);
    expect(heard).toEqual(["four"]);
    expect(new URL(environment.socket.url).searchParams.get("last_sync_id")).not.toBeNull();
  });

  it("can begin after all, when its storage could not be read at first", async () => {
    const before = await connected();
    server.says("one");
    await environment.advance(1_000);
    before.client.disconnect();
    const { client } = create();
    const list = vi.spyOn(kept.storage, "list").mockRejectedValueOnce(new Error("no disk"));
    await expect(client.resume()).rejects.toThrow("no disk");
    list.mockRestore();
    expect(await client.resume()).toBe(true);
    await client.connect();
    expect(client.inbox.getSnapshot().unread_count).toBe(1);
  });

  it("leaves the storage to the window that has replaced it, but for what is to be sent, until it is back", async () => {
    const { client, chat } = await connected();
    server.says("one");
    await environment.advance(1_000);
    const device = environment.socket;
    const other = create().client;
    await other.connect();
    device.end(CLOSE.replaced);
    server.says("two");
    await environment.advance(1_000);
    const before = await kept.storage.list("");
    chat.markRead();
    await environment.advance(1_000);
    client.disconnect();
    await environment.settle();
    expect(await kept.storage.list("")).toEqual(before);
    chat.send("three");
    await environment.settle();
    expect(await own.list("outbox/")).toHaveLength(1);

    other.disconnect();
    await client.connect();
    await environment.advance(1_000);
    expect(shown(chat)).toEqual(["one", "two", "three"]);
    client.disconnect();
    const after = create().client;
    await after.resume();
    const again = after.conversation(CHAT);
    await environment.settle();
    expect(shown(again)).toEqual(["one", "two", "three"]);
    expect(after.inbox.getSnapshot().rows[0]).toMatchObject({ head_seq: 3, read_seq: 1 });
  });

  it("keeps what came before its conversation was shown", async () => {
    const first = await connected();
    server.says("one");
    await environment.advance(1_000);
    first.client.disconnect();
    server.says("two");
    const second = create();
    await second.client.connect();
    await environment.advance(1_000);
    second.client.conversation(CHAT);
    await environment.advance(1_000);
    second.client.disconnect();
    const third = create();
    await third.client.resume();
    const chat = third.client.conversation(CHAT);
    await environment.settle();
    expect(shown(chat)).toEqual(["one", "two"]);
  });

  it("opens offline also where only the server's cookie says who it is", async () => {
    const first = await connected({ useCookie: true, tokens: new MemoryTokenStore() });
    server.says("one");
    await environment.advance(1_000);
    first.client.disconnect();
    const answer = environment.answer;
    environment.answer = () => Promise.reject(new TypeError("offline"));
    const { client } = create({ useCookie: true, tokens: new MemoryTokenStore() });
    expect(await client.resume()).toBe(true);
    const chat = client.conversation(CHAT);
    await environment.settle();
    expect(shown(chat)).toEqual(["one"]);
    const connecting = client.connect();
    await environment.advance(1_000);
    environment.answer = answer;
    server.says("two");
    await environment.advance(10_000);
    await connecting;
    expect(shown(chat)).toEqual(["one", "two"]);
  });

  it("keeps what was to be sent when another version of it has written the storage", async () => {
    const { client, chat } = await connected();
    server.says("one");
    await environment.advance(1_000);
    client.disconnect();
    chat.send("two");
    await environment.settle();
    const [meta] = await kept.storage.list("meta");
    await kept.storage.write([{ key: "meta", value: { ...Object(meta?.value), version: 0 } }]);
    const { client: after } = create();
    await after.resume();
    const again = after.conversation(CHAT);
    await environment.settle();
    expect(shown(again)).toEqual(["two"]);
    await after.connect();
    await again.open();
    expect(shown(again)).toEqual(["one", "two"]);
  });

  it("keeps the newest messages, not what somebody has paged back to", async () => {
    for (let count = 1; count <= 100; count++) server.says(String(count));
    server.push_limit = 5;
    const { chat } = await connected({ cachedMessages: 10, fillGapsUpTo: 0 });
    while (await chat.loadEarlier());
    await environment.advance(1_000);
    const storedSeqs = (await own.list(messagesOf(CHAT))).map(({ key }) => Number(key.slice(-16)));
    expect(storedSeqs).toEqual([91, 92, 93, 94, 95, 96, 97, 98, 99, 100]);
    // After a reload it knows where what it has begins.
    const again = create({ cachedMessages: 10 }).client;
    await again.resume();
    const chatAgain = again.conversation(CHAT);
    await environment.settle();
    expect(shown(chatAgain)).toEqual(storedSeqs.map(String));
    expect(chatAgain.getSnapshot().hasEarlier).toBe(true);
  });

  it("keeps 1,000 messages at most, whatever it is told", async () => {
    await connected({ cachedMessages: 5_000 });
    for (let count = 1; count <= 1_100; count++) server.says(String(count));
    await environment.advance(1_000);
    expect(await own.list(messagesOf(CHAT))).toHaveLength(1_000);
  });

  it("keeps nothing of a group that its user has left, and of one that it has come back to only what is told then", async () => {
    const { client } = await connected();
    server.says("one");
    server.says("two");
    await environment.advance(1_000);
    const tell = (seq: number, change: "member_added" | "member_removed") => {
      const event = { change, user_ids: [ME], by_invite: false, has_left: false };
      const message = { ...newMessage(seq, OTHER, change), message_type: "system", event };
      const payload = { conversation_id: CHAT, seq, change, conversation: conversationAt(seq), message };
      environment.socket.say({ type: "CONVERSATION_UPDATE", payload });
    };
    tell(3, "member_removed");
    // Told before the server's inbox had heard of that.
    environment.socket.say({ type: "INBOX_UPDATE", payload: { ...server.row, sync_id: 99 } });
    await environment.advance(1_000);
    expect(client.inbox.getSnapshot().rows).toEqual([]);
    expect((await own.list("")).map(({ key }) => key)).toEqual(["sync"]);
    tell(4, "member_added");
    environment.socket.say({ type: "MESSAGE_RECEIVE", payload: newMessage(5, OTHER, "welcome back") });
    await environment.advance(1_000);
    client.disconnect();
    const { client: after } = create();
    await after.resume();
    const again = after.conversation(CHAT);
    await environment.settle();
    expect(shown(again)).toEqual(["member_added", "welcome back"]);
    expect(again.getSnapshot().hasEarlier).toBe(true);
  });

  it("keeps no more of what nobody opens than of what is opened", async () => {
    for (let days = 0; days < 10; days++) {
      const { client } = create({ cachedMessages: 10 });
      await client.login({ username: "somebody", password: "x" });
      await client.connect();
      for (let count = 0; count < 7; count++) server.says("x");
      await environment.advance(1_000);
      client.disconnect();
    }
    expect((await own.list(messagesOf(CHAT))).length).toBeLessThanOrEqual(30);
  });

  it("keeps no message if told so, not even those that were kept before, and knows that it has none", async () => {
    const before = await connected();
    server.says("one");
    await environment.advance(1_000);
    before.client.disconnect();
    const { chat, client, heard } = await connected({ cachedMessages: 0 });
    server.says("two");
    await environment.advance(1_000);
    expect(heard).toEqual(["two"]);
    expect([shown(chat), chat.getSnapshot().hasEarlier]).toEqual([[], true]);
    expect(await own.list(messagesOf(CHAT))).toEqual([]);
    client.disconnect();
    const again = create({ cachedMessages: 0 }).client;
    await again.connect();
    const chatAgain = again.conversation(CHAT);
    await environment.settle();
    expect([shown(chatAgain), chatAgain.getSnapshot().hasEarlier]).toEqual([[], true]);
    await chatAgain.open();
    expect(shown(chatAgain)).toEqual(["one", "two"]);
  });
});
