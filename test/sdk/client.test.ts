import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { problem } from "./support/fake-environment.ts";
import { type FakeWorld, fakeWorld, shown } from "./support/fake-world.ts";
import { CHAT, OTHER } from "./support/log-model.ts";

let environment: FakeWorld["environment"];
let server: FakeWorld["server"];
let faults: FakeWorld["faults"];
let create: FakeWorld["create"];
let connected: FakeWorld["connected"];

beforeEach(() => {
  ({ environment, server, faults, create, connected } = fakeWorld());
});
afterEach(() => expect(faults).toEqual([]));

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

  it("ends a connect() that is not to be any more", async () => {
    const { client } = create();
    await client.login({ username: "somebody", password: "x" });
    const early = client.connect().catch((error) => error.message);
    client.disconnect();
    expect(await early).toBe("The client was disconnected");
    environment.onSocket = () => undefined;
    const late = client.connect().catch((error) => error.message);
    await environment.settle();
    client.disconnect();
    expect(await late).toBe("The client was disconnected");
    await environment.advance(60_000);
    expect(environment.sockets.filter(({ isClosed }) => !isClosed)).toEqual([]);
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

  it("holds and opens no socket once another window has replaced it, until it is told to connect", async () => {
    const { chat, client } = await connected();
    const device = environment.socket;
    await chat.open();
    await environment.settle();
    const open = () => environment.sockets.filter(({ isClosed }) => !isClosed).map(({ url }) => url.pathname);
    const both = ["/ws", `/ws/conversations/${CHAT}`];
    expect(open()).toEqual(both);
    device.end(CLOSE.replaced);
    expect(open()).toEqual([]);
    chat.close();
    await chat.open();
    environment.network(true);
    await environment.advance(60_000);
    expect(open()).toEqual([]);
    await client.connect();
    await environment.settle();
    expect(open().sort()).toEqual(both);
    server.says("hello");
    expect(shown(chat)).toEqual(["hello"]);
  });

  it("is open or closed as it was told last, however long opening takes", async () => {
    const { chat } = await connected();
    const opening = chat.open();
    chat.close();
    await opening;
    expect(chat.isOpen).toBe(false);
    const { answer } = environment;
    let refuse: () => void = fail;
    environment.answer = () =>
      new Promise((resolve) => {
        refuse = () => resolve(problem("forbidden", 403));
      });
    const refused = chat.open().catch(({ code }) => code);
    await environment.settle();
    chat.close();
    environment.answer = answer;
    await chat.open();
    refuse();
    expect(await refused).toBe("forbidden");
    expect(chat.isOpen).toBe(true);
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
    const { chat, client } = await connected();
    // In the conversation, and in the list of all of them.
    const typing = () => [chat.getSnapshot().typing, client.typing.getSnapshot().get(CHAT) ?? []];
    let changes = 0;
    client.typing.subscribe(() => changes++);
    const types = (is_typing: boolean) =>
      environment.socket.say({
        type: "TYPING_INDICATOR",
        payload: { conversation_id: CHAT, user_id: OTHER, is_typing, expires_in_ms: 5_000 },
      });
    types(true);
    expect(typing()).toEqual([[OTHER], [OTHER]]);
    await environment.advance(4_999);
    expect(typing()).toEqual([[OTHER], [OTHER]]);
    await environment.advance(1);
    expect(typing()).toEqual([[], []]);
    types(true);
    types(false);
    expect(typing()).toEqual([[], []]);
    types(true);
    server.says("done");
    expect(typing()).toEqual([[], []]);
    expect(changes).toBe(6);
    // Its own: at most one frame in 3 s.
    chat.setTyping(true);
    chat.setTyping(true);
    await environment.advance(3_000);
    chat.setTyping(true);
    const said = environment.socket.sent.filter((frame) => JSON.stringify(frame).includes("TYPING"));
    expect(said).toHaveLength(2);
  });

  it("shows no more what its user has deleted for itself, whatever comes of it later, or again", async () => {
    const { chat, client } = await connected();
    server.says("one");
    server.says("two");
    const { message_id } = server.log.message(1, 1);
    const hide = { type: "MESSAGE_HIDDEN", payload: { conversation_id: CHAT, message_id, seq: 1 } };
    environment.socket.say(hide);
    expect(shown(chat)).toEqual(["two"]);
    expect(client.inbox.getSnapshot().unread_count).toBe(1);
    server.happens({ kind: "change", change: "edited", pick: 0 });
    environment.socket.end(1006);
    server.acked_seq = 0;
    await environment.advance(2_000);
    expect(shown(chat)).toEqual(["two"]);
    await environment.advance(1_000);
    const { client: after } = create();
    await after.resume();
    const again = after.conversation(CHAT);
    await environment.settle();
    expect(shown(again)).toEqual(["two"]);
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
    const { chat } = await connected();
    environment.socket.say({ type: "FROM_THE_FUTURE", payload: {} });
    environment.socket.say([]);
    server.says("hello");
    expect(shown(chat)).toEqual(["hello"]);
    expect(faults).toEqual([]);
    environment.socket.say({ type: "MESSAGE_RECEIVE", payload: { seq: "one" } });
    server.says("still there");
    expect(shown(chat)).toEqual(["hello", "still there"]);
    expect(faults.splice(0)).toEqual([expect.objectContaining({ code: "bad_answer" })]);
  });

  it("goes on when a listener throws, also when that is the one for errors", async () => {
    const { client, chat } = await connected();
    client.on("message", () => Promise.reject(new Error("of a listener")));
    server.says("hello");
    await environment.settle();
    expect(faults.splice(0)).toEqual([new Error("of a listener")]);
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    client.on("error", () => {
      throw new Error("of the listener for errors");
    });
    server.says("again");
    await environment.settle();
    expect(logged).toHaveBeenCalledWith(new Error("of the listener for errors"));
    logged.mockRestore();
    expect(faults.splice(0)).toHaveLength(1);
    expect(shown(chat)).toEqual(["hello", "again"]);
  });
});

function fail(): never {
  throw new Error("there is no such entry");
}
