import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { json, problem } from "./support/fake-environment.ts";
import { connectedFrame, FakeServer } from "./support/fake-server.ts";
import { type FakeWorld, fakeWorld, shown } from "./support/fake-world.ts";
import { CHAT, ME, newMessage, OTHER } from "./support/log-model.ts";

let environment: FakeWorld["environment"];
let server: FakeWorld["server"];
let faults: FakeWorld["faults"];
let create: FakeWorld["create"];
let connected: FakeWorld["connected"];

beforeEach(() => {
  ({ environment, server, faults, create, connected } = fakeWorld());
});
afterEach(() => expect(faults).toEqual([]));

describe("a client in step with the server", () => {
  it("acknowledges a few times a second, cumulatively", async () => {
    await connected();
    for (let count = 0; count < 50; count++) server.says("x");
    await environment.advance(1_000);
    const acks = environment.socket.sent.filter((frame) => JSON.stringify(frame).includes("delivered"));
    expect(acks).toEqual([
      { type: "MESSAGE_ACK", payload: { conversation_id: CHAT, seq: 50, status: "delivered" } },
    ]);
  });

  it.each([1_200, 400])(
    "acknowledges in many conversations no faster than a server takes it, %i of them at a time [LIM-1]",
    async (count) => {
      await connected();
      const device = environment.socket;
      const chats = Array.from(
        { length: 1_200 },
        (_, index) => CHAT.slice(0, -4) + `${10_000 + index}`.slice(1),
      );
      const acked = () => device.sent.filter((frame) => JSON.stringify(frame).includes("delivered")).length;
      for (let from = 0; from < chats.length; from += count) {
        for (const conversation_id of chats.slice(from, from + count))
          device.say({ type: "MESSAGE_RECEIVE", payload: { ...newMessage(1, OTHER, "x"), conversation_id } });
        await environment.advance(500);
      }
      expect(acked()).toBeGreaterThanOrEqual(500);
      expect(acked()).toBeLessThanOrEqual(500 + 2 * 50);
      await environment.advance(15_000);
      expect(acked()).toBe(1_200);
    },
  );

  it("reports no error when it comes back and is no member any more of what is open [CONV-4]", async () => {
    const { chat } = await connected();
    await chat.open();
    const { answer } = environment;
    let asked = 0;
    environment.answer = (url, init) => {
      if (!url.endsWith(CHAT)) return answer(url, init);
      asked++;
      return problem("conversation_not_found", 404);
    };
    for (const socket of environment.sockets) socket.end(1006);
    await environment.advance(5_000);
    expect(asked).toBe(1);
    expect(faults).toEqual([]);
  });

  it("asks again whom a message of its own names, when the answer was lost", async () => {
    const { chat } = await connected();
    await chat.open();
    const { answer } = environment;
    let isLost = true;
    environment.answer = (url, init) => {
      if (!url.includes("/messages?")) return answer(url, init);
      if (isLost) throw new TypeError("the connection was cut");
      const named = { ...newMessage(1, ME, "hello @other"), mentions: [OTHER] };
      return json({ items: [named], updates: [], head_seq: 1, has_more: false, next_after_seq: null });
    };
    await chat.send("hello @other").acknowledged;
    await environment.advance(60_000);
    const mentions = () => chat.getSnapshot().messages[0]?.mentions;
    expect(mentions()).toBeUndefined();
    isLost = false;
    for (const socket of environment.sockets) socket.end(1006);
    await environment.advance(5_000);
    expect(mentions()).toEqual([OTHER]);
  });

  it("shows a message at every moment from when it is sent on", async () => {
    const { chat } = await connected();
    const seen: unknown[] = [];
    chat.subscribe(() => seen.push(chat.getSnapshot().messages.at(-1)?.status));
    await chat.send("x").acknowledged;
    await environment.settle();
    expect([...new Set(seen)]).toEqual(["pending", "sent"]);
  });

  it("shows nobody as present for long of whom the server does not tell on the new socket [PRES-2]", async () => {
    const { client, chat } = await connected();
    const GONE = OTHER.replace(/.$/, "c");
    const presenceOf = (user_id: string) => ({
      type: "PRESENCE_UPDATE",
      payload: { user_id, status: "online", last_seen_at: null, status_text: "" },
    });
    const present = () => [...client.presence.getSnapshot().keys()];
    const device = environment.socket;
    device.say(presenceOf(OTHER), presenceOf(GONE));
    await chat.open();
    await environment.settle();
    // The socket of a conversation tells nothing of presence.
    expect(present()).toEqual([OTHER, GONE]);
    let changes = 0;
    client.presence.subscribe(() => changes++);
    environment.onSocket = (socket) => queueMicrotask(() => socket.say(connectedFrame(), presenceOf(OTHER)));
    device.end(1006);
    // A connection that breaks at once has told of nobody.
    await environment.advance(2_000);
    environment.socket.end(1006);
    await environment.advance(9_000);
    expect(present()).toEqual([OTHER, GONE]);
    changes = 0;
    await environment.advance(5_000);
    expect([present(), changes]).toEqual([[OTHER], 1]);
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

  it("goes on holding what somebody looks at after its position was forgotten", async () => {
    const { chat } = await connected({ cachedMessages: 10 });
    await chat.loadEarlier();
    environment.socket.end(1006);
    const restored = new FakeServer(environment);
    restored.forgotten = true;
    restored.says("0");
    await environment.advance(2_000);
    for (let count = 1; count <= 100; count++) restored.says(String(count));
    expect(shown(chat)).toHaveLength(101);
  });

  it("gives up a read mark that the server does not take", async () => {
    const { chat, client } = await connected();
    server.says("one");
    const { socket } = environment;
    socket.onSent = () => undefined;
    chat.markRead();
    await environment.advance(500);
    const request_id = `read:${CHAT}`;
    socket.say({ type: "ERROR", request_id, payload: { code: "conversation_not_found", message: "no" } });
    expect(client.inbox.getSnapshot().unread_count).toBe(1);
    const sentBefore = socket.sent.length;
    await environment.advance(20_000);
    expect(socket.sent).toHaveLength(sentBefore);
  });

  it("calls a peer as it calls itself by now, though its row was kept", async () => {
    const bob = { user_id: OTHER, username: "bob", display_name: "Bob", avatar_url: null, status_text: "" };
    const lookups: unknown[] = [];
    const { answer } = environment;
    environment.answer = (url, init) => {
      const { pathname } = new URL(url);
      if (pathname === "/api/conversations")
        return json({ items: [{ ...server.row, peer: bob }], next_cursor: null });
      if (pathname !== "/api/users/lookup") return answer(url, init);
      lookups.push(JSON.parse(String(init.body)));
      return json({ items: [bob] });
    };
    const before = await connected();
    await environment.advance(1_000);
    before.client.disconnect();
    expect(lookups).toEqual([]);
    bob.display_name = "Robert";
    const { client } = create();
    const nameShown = () => client.inbox.getSnapshot().rows[0]?.peer?.display_name;
    await client.resume();
    expect(nameShown()).toBe("Bob");
    await client.connect();
    await environment.settle();
    expect([lookups, nameShown()]).toEqual([[{ user_ids: [OTHER] }], "Robert"]);

    // Where nothing has changed, nothing is shown anew.
    await environment.advance(1_000);
    client.disconnect();
    const { client: again } = create();
    await again.resume();
    const { rows } = again.inbox.getSnapshot();
    await again.connect();
    await environment.settle();
    expect(lookups).toHaveLength(2);
    expect(again.inbox.getSnapshot().rows[0]).toBe(rows[0]);
  });

  it("holds no more in memory of what nobody looks at than it keeps", async () => {
    const { chat, client } = await connected({ cachedMessages: 10 });
    for (let count = 1; count <= 100; count++) server.says(String(count));
    expect(shown(chat).length).toBeLessThanOrEqual(20);
    expect(shown(chat).at(-1)).toBe("100");
    expect(client.inbox.getSnapshot().unread_count).toBe(100);
    for (let pages = 0; chat.getSnapshot().hasEarlier; pages++) {
      expect(pages).toBeLessThan(5);
      await chat.loadEarlier();
    }
    expect(shown(chat)).toHaveLength(100);
  });
});
