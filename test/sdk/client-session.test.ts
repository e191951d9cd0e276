import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MemoryTokenStore } from "../../sdk/http/token-store.ts";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { problem } from "./support/fake-environment.ts";
import { type FakeWorld, fakeWorld, shown } from "./support/fake-world.ts";
import { CHAT } from "./support/log-model.ts";

let environment: FakeWorld["environment"];
let server: FakeWorld["server"];
let kept: FakeWorld["kept"];
let faults: FakeWorld["faults"];
let create: FakeWorld["create"];
let connected: FakeWorld["connected"];

beforeEach(() => {
  ({ environment, server, kept, faults, create, connected } = fakeWorld());
});
afterEach(() => expect(faults).toEqual([]));

describe("a client and its session", () => {
  it("stops for good when its session is revoked [SEC-1]", async () => {
    const { client } = await connected();
    const ends: string[] = [];
    client.on("signed_out", ({ code }) => ends.push(code));
    environment.socket.end(CLOSE.session_revoked);
    await environment.advance(60_000);
    expect(ends).toEqual(["session_revoked"]);
    expect(environment.sockets).toHaveLength(1);
    expect(await kept.tokens.load()).toBeNull();
    expect(client.ended?.code).toBe("session_revoked");
  });

  it("says why there is no session to take up, until there is one", async () => {
    const { answer } = environment;
    environment.answer = () => problem("session_revoked", 401);
    const { client } = create({ useCookie: true });
    expect([await client.resume(), client.ended?.code]).toEqual([false, "session_revoked"]);
    environment.answer = answer;
    expect([await client.resume(), client.ended]).toEqual([true, null]);
  });

  describe("whose cookie the server takes long to look at", () => {
    async function resumed({ isOver = false } = {}) {
      const before = await connected({ useCookie: true, tokens: new MemoryTokenStore() });
      server.says("one");
      await environment.advance(1_000);
      before.client.disconnect();
      server.requests.length = 0;
      const { answer } = environment;
      environment.answer = (url, init) =>
        isOver && url.includes("/refresh") ? problem("session_revoked", 401) : answer(url, init);
      const release = environment.holdBack("/refresh");
      const { client } = create({ useCookie: true, tokens: new MemoryTokenStore() });
      const ends: string[] = [];
      client.on("signed_out", ({ code }) => ends.push(code));
      const resuming = client.resume();
      await environment.advance(3_000);
      expect(await resuming).toBe(true);
      const chat = client.conversation(CHAT);
      await environment.settle();
      expect(shown(chat)).toEqual(["one"]);
      return { client, chat, release, ends };
    }

    it("is taken to be of whoever it was, and goes on when it does", async () => {
      const { client, chat, release, ends } = await resumed();
      const connecting = client.connect();
      server.says("two");
      release();
      await connecting;
      expect([shown(chat), ends]).toEqual([["one", "two"], []]);
      expect(server.requests.filter((request) => request.includes("refresh"))).toHaveLength(1);
    });

    it("ends all the same if it is over", async () => {
      const { client, release, ends } = await resumed({ isOver: true });
      const connecting = client.connect().catch(({ code }) => code);
      release();
      expect(await connecting).toBe("session_revoked");
      expect([ends, client.ended?.code]).toEqual([["session_revoked"], "session_revoked"]);
    });
  });

  it("waits for the app's own tokens, however long it takes to get at them", async () => {
    const before = await connected();
    before.client.disconnect();
    const tokens = await kept.tokens.load();
    const slow = new MemoryTokenStore(tokens);
    slow.load = () => new Promise((resolve) => environment.setTimer(() => resolve(tokens), 20_000));
    const { client } = create({ tokens: slow });
    const resuming = client.resume();
    await environment.advance(19_000);
    expect(client.user_id).toBeNull();
    await environment.advance(1_000);
    expect([await resuming, client.user_id]).toEqual([true, before.client.user_id]);
  });

  it("takes nothing to be sent by a conversation of the session before, and sends what is left of it for the same user", async () => {
    const { client, chat } = await connected();
    server.losesAcks = true;
    const { acknowledged } = chat.send("one");
    environment.socket.end(CLOSE.session_revoked);
    const later = chat.send("two");
    const bad = chat.send("bad");
    server.losesAcks = false;
    await client.login({ username: "somebody", password: "x" });
    await expect(acknowledged).rejects.toMatchObject({ code: "signed_out" });
    await expect(later.acknowledged).rejects.toMatchObject({ code: "signed_out" });
    expect(() => chat.send("three")).toThrow("signed out");
    expect([chat.retry(bad.client_message_id), chat.drop(bad.client_message_id)]).toEqual([false, false]);
    await client.connect();
    await environment.settle();
    expect(shown(client.conversation(CHAT))).toEqual(["one", "two", "bad"]);
    expect(client.unsent.getSnapshot()).toEqual([]);
  });

  it("ends the session of the cookie later, when the server could not be told at first", async () => {
    const { client } = await connected({ useCookie: true });
    const { answer } = environment;
    environment.answer = () => {
      throw new TypeError("fetch failed");
    };
    await expect(client.logout()).rejects.toMatchObject({ code: "network" });
    expect(client.user_id).toBeNull();
    expect(await kept.tokens.load()).toBeNull();
    environment.answer = answer;
    server.requests.length = 0;
    await client.logout();
    expect(server.requests).toEqual(["POST /api/auth/refresh", "POST /api/auth/logout"]);
    expect(client.user_id).toBeNull();
    expect(environment.sockets.every(({ isClosed }) => isClosed)).toBe(true);
  });

  it("deletes what it keeps at once, however long the server takes to end the session", async () => {
    const { client } = await connected();
    server.says("secret");
    await environment.advance(1_000);
    environment.answer = (_, { signal }) =>
      new Promise((_, fail) => signal?.addEventListener("abort", () => fail(signal.reason)));
    const leaving = client.logout().catch((error) => error.code);
    await environment.settle();
    expect(await kept.storage.list("")).toEqual([]);
    expect(client.inbox.getSnapshot().rows).toEqual([]);
    await environment.advance(30_000);
    expect(await leaving).toBe("network");
  });

  it("neither keeps nor tells what is answered after it has logged out", async () => {
    server.push_limit = 1;
    server.says("missed");
    server.says("secret");
    const { client, heard } = await connected();
    const release = environment.holdBack("/messages");
    await environment.advance(1_000);
    await client.logout();
    release();
    await environment.advance(1_000);
    expect(await kept.storage.list("")).toEqual([]);
    expect(heard).toEqual([]);
  });

  it.each([0, 1, 3, 5, 7, 9])("does not begin after it has logged out, %i steps later", async (steps) => {
    const before = await connected();
    before.client.disconnect();
    const { client } = create();
    const resuming = client.resume();
    for (let step = 0; step < steps; step++) await Promise.resolve();
    // It may not know yet whose session it is, and cannot end it then.
    await client.logout().catch(({ code }) => expect(code).toBe("signed_out"));
    expect(await resuming).toBe(false);
    await environment.advance(1_000);
    expect(client.user_id).toBeNull();
    expect(await kept.storage.list("")).toEqual([]);
  });

  it("leaves at once where another window has signed out, or somebody else in: server and storage are not told", async () => {
    const { client } = await connected({ useCookie: true });
    server.says("one");
    await environment.advance(1_000);
    const before = await kept.storage.list("");
    server.requests.length = 0;
    server.says("two");
    const leaving = client.leave();
    expect([client.user_id, client.inbox.getSnapshot().rows]).toEqual([null, []]);
    expect(environment.sockets.every(({ isClosed }) => isClosed)).toBe(true);
    await leaving;
    await environment.advance(60_000);
    expect(await kept.storage.list("")).toEqual(before);
    expect([server.requests, await kept.tokens.load()]).toEqual([[], null]);
  });

  it("keeps nothing of whoever has logged out, nor shows it to the next", async () => {
    const { client } = await connected();
    server.says("secret");
    await environment.advance(1_000);
    await client.logout();
    expect(await kept.storage.list("")).toEqual([]);
    expect(client.inbox.getSnapshot().rows).toEqual([]);
    expect(() => client.conversation(CHAT)).toThrow("Sign in");
  });
});
