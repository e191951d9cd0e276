import { beforeEach, describe, expect, it } from "vitest";
import { type ClientOptions, UimClient } from "../../sdk/client.ts";
import { MemoryTokenStore } from "../../sdk/http/token-store.ts";
import { MemoryStorage } from "../../sdk/storage/memory-storage.ts";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { FakeEnvironment } from "./support/fake-environment.ts";
import { FakeServer } from "./support/fake-server.ts";
import { CHAT, OTHER } from "./support/log-model.ts";

let environment: FakeEnvironment;
let server: FakeServer;
let kept: Pick<ClientOptions, "storage" | "tokens">;

beforeEach(() => {
  environment = new FakeEnvironment();
  server = new FakeServer(environment);
  kept = { storage: new MemoryStorage(), tokens: new MemoryTokenStore() };
});

function create(options: Partial<ClientOptions> = {}) {
  const client = new UimClient({ url: "http://fake", environment, ...kept, ...options });
  const heard: string[] = [];
  client.on("message", ({ content }) => heard.push(content));
  client.on("error", (error) => {
    throw error;
  });
  return { client, heard };
}

async function connected(options: Partial<ClientOptions> = {}) {
  const made = create(options);
  await made.client.login({ username: "somebody", password: "x" });
  await made.client.connect();
  await environment.settle();
  return { ...made, chat: made.client.conversation(CHAT) };
}

const shown = (chat: { getSnapshot: UimClientConversation }) =>
  chat.getSnapshot().messages.map(({ content }) => content);
type UimClientConversation = ReturnType<UimClient["conversation"]>["getSnapshot"];

describe("a client", () => {
  it("shows what it sends at once, and what comes", async () => {
    const { chat, heard, client } = await connected();
    server.says("hello");
    expect([shown(chat), heard]).toEqual([["hello"], ["hello"]]);
    chat.send("hi");
    expect(chat.getSnapshot().messages.at(-1)).toMatchObject({
      content: "hi",
      status: "sent",
      seq: 2,
      mine: true,
    });
    expect(client.inbox.getSnapshot().rows[0]).toMatchObject({ head_seq: 2, unread_count: 1 });
    expect(client.inbox.getSnapshot().rows[0]?.last_message?.content).toBe("hi");
  });

  it("acknowledges a few times a second, cumulatively", async () => {
    await connected();
    for (let count = 0; count < 50; count++) server.says("x");
    await environment.advance(1_000);
    const acks = environment.socket.sent.filter((frame) => JSON.stringify(frame).includes("delivered"));
    expect(acks).toEqual([
      { type: "MESSAGE_ACK", payload: { conversation_id: CHAT, seq: 50, status: "delivered" } },
    ]);
  });

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

  it("sends one message after the other, and the same again after a break [IDEM-1]", async () => {
    const { chat } = await connected();
    server.losesAcks = true;
    const sendings = [chat.send("1"), chat.send("2")];
    expect(server.log.head_seq).toBe(1);
    server.losesAcks = false;
    environment.socket.end(1006);
    await environment.advance(1_000);
    const acks = await Promise.all(sendings.map(({ acknowledged }) => acknowledged));
    expect(acks.map(({ seq, duplicate }) => [seq, duplicate])).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(shown(chat)).toEqual(["1", "2"]);
  });

  it("waits as long as the server says, and then goes on in order [LIM-2]", async () => {
    const { chat } = await connected();
    server.refuse = () => ({ code: "rate_limited", retry_after_ms: 10_000 });
    chat.send("1");
    chat.send("2");
    await environment.advance(9_999);
    server.refuse = () => null;
    expect(
      environment.socket.sent.filter((frame) => JSON.stringify(frame).includes("MESSAGE_SEND")),
    ).toHaveLength(1);
    await environment.advance(1);
    expect(shown(chat)).toEqual(["1", "2"]);
    expect(chat.getSnapshot().messages.map(({ status }) => status)).toEqual(["sent", "sent"]);
  });

  it("shows what was refused as failed, goes on behind it, and sends it again when asked [SEND-4]", async () => {
    const { chat, client } = await connected();
    const failures: string[] = [];
    client.on("failed", ({ failure }) => failures.push(failure?.code ?? ""));
    server.refuse = (content) => (content === "bad" ? { code: "forbidden" } : null);
    const bad = chat.send("bad");
    await chat.send("good").acknowledged;
    await expect(bad.acknowledged).rejects.toMatchObject({ code: "forbidden" });
    expect(failures).toEqual(["forbidden"]);
    expect(chat.getSnapshot().messages.map(({ content, status }) => [content, status])).toEqual([
      ["good", "sent"],
      ["bad", "failed"],
    ]);
    server.refuse = () => null;
    expect(chat.retry(bad.client_message_id)).toBe(true);
    await environment.settle();
    expect(shown(chat)).toEqual(["good", "bad"]);
    expect(client.unsent.getSnapshot()).toEqual([]);
  });

  it("does not send what is too large to be read", async () => {
    const { chat } = await connected();
    expect(() => chat.send("x".repeat(100_001))).toThrow("100000");
    expect(() => chat.send("")).toThrow();
    // As many characters, but each takes six bytes in JSON.
    const { acknowledged } = chat.send("\u0001".repeat(100_000));
    await expect(acknowledged).rejects.toMatchObject({ code: "payload_too_large" });
    expect(environment.socket.sent).toEqual([]);
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
    expect(client.inbox.getSnapshot().rows[0]?.unread_count).toBe(0);
    await client.connect();
    await environment.settle();
    expect(shown(chat)).toEqual(["one", "two", "four", "three"]);
    expect(heard).toEqual(["four"]);
    expect(new URL(environment.socket.url).searchParams.get("last_sync_id")).not.toBeNull();
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

  it("repeats a read mark until a row shows it [UNR-2]", async () => {
    const { chat, client } = await connected();
    server.says("one");
    environment.socket.onSent = () => undefined;
    chat.markRead();
    expect(client.inbox.getSnapshot().unread_count).toBe(0);
    await environment.advance(500);
    environment.socket.end(1006);
    await environment.advance(2_000);
    expect(server.read_seq).toBe(1);
    const sentBefore = environment.socket.sent.length;
    await environment.advance(20_000);
    expect(environment.socket.sent).toHaveLength(sentBefore);
  });

  it("fetches from the history what was announced as a gap, and tells of it in order [DLV-1]", async () => {
    server.push_limit = 3;
    for (const text of ["1", "2", "3", "4", "5", "6"]) server.says(text);
    const { chat, heard } = await connected();
    expect(heard).toEqual([]);
    await environment.advance(500);
    expect(heard).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(shown(chat)).toEqual(heard);
    await environment.advance(500);
    expect(server.acked_seq).toBe(6);
  });

  it("fetches what a hole in the numbers shows to be missing [SEQ-2]", async () => {
    const { chat, heard } = await connected();
    server.says("1");
    const mute = environment.socket.say;
    environment.socket.say = () => undefined;
    server.says("2");
    server.happens({ kind: "change", change: "edited", pick: 0 });
    environment.socket.say = mute;
    server.says("4");
    expect(heard).toEqual(["1"]);
    await environment.advance(1_000);
    expect(heard).toEqual(["1", "2", "4"]);
    expect(shown(chat)).toEqual(["edited at 3", "2", "4"]);
  });

  it("leaves long gaps to whoever pages back, if told so", async () => {
    for (let count = 1; count <= 40; count++) server.says(String(count));
    server.push_limit = 5;
    const { chat, heard } = await connected({ fillGapsUpTo: 10 });
    await environment.advance(1_000);
    expect(heard).toHaveLength(15);
    expect(shown(chat)[0]).toBe("26");
    expect(chat.getSnapshot().hasEarlier).toBe(true);
    expect(await chat.loadEarlier()).toBe(false);
    expect(shown(chat)).toHaveLength(40);
    expect(chat.getSnapshot().hasEarlier).toBe(false);
    expect(heard).toHaveLength(15);
  });

  it("begins anew when the server says that its position is not known any more", async () => {
    const { client, chat } = await connected();
    server.says("old");
    await environment.advance(1_000);
    environment.socket.end(1006);
    // A backup was restored: another log, under the same numbers.
    const restored = new FakeServer(environment);
    restored.forgotten = true;
    restored.says("another");
    await environment.advance(2_000);
    expect(shown(chat)).toEqual(["another"]);
    expect(client.inbox.getSnapshot().rows).toHaveLength(1);
    await environment.advance(1_000);
    environment.socket.end(1006);
    restored.forgotten = false;
    restored.says("more");
    await environment.advance(2_000);
    expect(shown(chat)).toEqual(["another", "more"]);
  });

  it("holds a socket to an open conversation, and sends over it", async () => {
    const { chat } = await connected();
    await chat.open();
    await environment.settle();
    const socket = environment.socket;
    expect(socket.url.pathname).toBe(`/ws/conversations/${CHAT}`);
    await chat.send("hi").acknowledged;
    expect(JSON.stringify(socket.sent)).toContain("MESSAGE_SEND");
    server.says("twice");
    expect(shown(chat)).toEqual(["hi", "twice"]);
    chat.close();
    expect(socket.isClosed).toBe(true);
  });

  it("keeps its snapshots where nothing has changed", async () => {
    const { chat, client } = await connected();
    server.says("one");
    server.says("two");
    const before = chat.getSnapshot();
    const inbox = client.inbox.getSnapshot();
    expect(chat.getSnapshot()).toBe(before);
    environment.socket.say(server.log.frame(server.log.entries[0] ?? fail()));
    expect(chat.getSnapshot()).toBe(before);
    expect(client.inbox.getSnapshot()).toBe(inbox);
    server.happens({ kind: "change", change: "reaction", pick: 1 });
    const after = chat.getSnapshot();
    expect(after).not.toBe(before);
    expect(after.messages[0]).toBe(before.messages[0]);
    expect(after.messages[1]).not.toBe(before.messages[1]);
  });

  it("shows who types until they stop, say something, or 5 s have passed", async () => {
    const { chat } = await connected();
    const types = (is_typing: boolean) =>
      environment.socket.say({
        type: "TYPING_INDICATOR",
        payload: { conversation_id: CHAT, user_id: OTHER, is_typing, expires_in_ms: 5_000 },
      });
    types(true);
    expect(chat.getSnapshot().typing).toEqual([OTHER]);
    await environment.advance(4_999);
    expect(chat.getSnapshot().typing).toEqual([OTHER]);
    await environment.advance(1);
    expect(chat.getSnapshot().typing).toEqual([]);
    types(true);
    types(false);
    expect(chat.getSnapshot().typing).toEqual([]);
    types(true);
    server.says("done");
    expect(chat.getSnapshot().typing).toEqual([]);
    // Its own: at most one frame in 3 s.
    chat.setTyping(true);
    chat.setTyping(true);
    await environment.advance(3_000);
    chat.setTyping(true);
    const said = environment.socket.sent.filter((frame) => JSON.stringify(frame).includes("TYPING"));
    expect(said).toHaveLength(2);
  });

  it("shows how far all others have got", async () => {
    const { chat } = await connected();
    await chat.open();
    const { seq } = await chat.send("hi").acknowledged;
    const mark = (status: string) =>
      environment.socket.say({
        type: "MESSAGE_ACK",
        payload: { status, conversation_id: CHAT, user_id: OTHER, seq, at: 1 },
      });
    expect(chat.getSnapshot().messages[0]?.status).toBe("sent");
    mark("read");
    expect(chat.getSnapshot().messages[0]?.status).toBe("read");
    mark("delivered");
    expect(chat.getSnapshot().messages[0]?.status).toBe("read");
  });

  it("survives frames that it does not know, or that are not in the protocol", async () => {
    const { client, chat } = await connected();
    const errors: unknown[] = [];
    client.on("error", (error) => errors.push(error));
    environment.socket.say({ type: "FROM_THE_FUTURE", payload: {} });
    environment.socket.say([]);
    server.says("hello");
    expect(shown(chat)).toEqual(["hello"]);
    expect(errors).toEqual([]);
  });

  it("stops for good when its session is revoked [SEC-1]", async () => {
    const { client } = await connected();
    const ends: string[] = [];
    client.on("signed_out", ({ code }) => ends.push(code));
    environment.socket.end(CLOSE.session_revoked);
    await environment.advance(60_000);
    expect(ends).toEqual(["session_revoked"]);
    expect(environment.sockets).toHaveLength(1);
    expect(await kept.tokens?.load()).toBeNull();
  });

  it("keeps nothing of whoever has logged out, nor shows it to the next", async () => {
    const { client } = await connected();
    server.says("secret");
    await environment.advance(1_000);
    await client.logout();
    expect(await kept.storage?.list("")).toEqual([]);
    expect(client.inbox.getSnapshot().rows).toEqual([]);
    expect(() => client.conversation(CHAT)).toThrow("Sign in");
  });
});

function fail(): never {
  throw new Error("there is no such entry");
}
