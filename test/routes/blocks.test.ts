import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { blockedAmong } from "../../src/db/blocks.ts";
import { openDatabase } from "../../src/db/client.ts";
import { oneOnOneId } from "../../src/domain/conversation-id.ts";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { conversationSchema, inboxRowSchema } from "../../src/protocol/conversation.ts";
import { blockSchema, friendSchema } from "../../src/protocol/friend.ts";
import { historyPageSchema, messageSchema } from "../../src/protocol/message.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { userSchema } from "../../src/protocol/user.ts";
import { call, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";
import { befriend } from "../support/workerd/people.ts";

const UNKNOWN = "01890000-0000-7000-8000-000000000000";
const blockPage = pageSchema(blockSchema);

function users(): Promise<[SignedIn, SignedIn, SignedIn]> {
  return Promise.all([registerUser(), registerUser(), registerUser()]);
}

function api(method: string, path: string, who: SignedIn, body?: unknown): Promise<Response> {
  return call(method, `/api${path}`, { token: who.access_token, ...(body !== undefined && { body }) });
}

const block = (who: SignedIn, other: SignedIn) => api("PUT", `/blocks/${other.user.user_id}`, who);
const unblock = (who: SignedIn, other: SignedIn) => api("DELETE", `/blocks/${other.user.user_id}`, who);
const ask = (who: SignedIn, other: SignedIn) => api("POST", "/friends", who, { user_id: other.user.user_id });

function talk(who: SignedIn, other: SignedIn): Promise<Response> {
  return api("POST", "/conversations", who, { type: "one_on_one", participant_id: other.user.user_id });
}

function send(who: SignedIn, conversation_id: string, client_message_id: string): Promise<Response> {
  const body = { client_message_id, content: "Hello" };
  return api("POST", `/conversations/${conversation_id}/messages`, who, body);
}

async function friendsOf(who: SignedIn, status: string): Promise<number> {
  return (await read(await api("GET", `/friends?status=${status}`, who), 200, pageSchema(friendSchema))).items
    .length;
}

afterEach(() => vi.restoreAllMocks());

describe("a block", () => {
  it("is set and lifted, again is fine, and listed for the one who set it", async () => {
    const [ada, bob, cem] = await users();
    for (const other of [bob, cem, bob]) expect((await block(ada, other)).status).toBe(204);
    const { items } = await read(await api("GET", "/blocks", ada), 200, blockPage);
    expect(items.map(({ user }) => user.user_id).toSorted()).toEqual(
      [bob, cem].map(({ user }) => user.user_id).toSorted(),
    );
    const first = await read(await api("GET", "/blocks?limit=1", ada), 200, blockPage);
    const next = await read(
      await api("GET", `/blocks?limit=1&cursor=${first.next_cursor}`, ada),
      200,
      blockPage,
    );
    expect([...first.items, ...next.items]).toEqual(items);
    expect(next.next_cursor).toBeNull();
    expect((await read(await api("GET", "/blocks", bob), 200, blockPage)).items).toEqual([]);
    for (const other of [bob, bob, cem]) expect((await unblock(ada, other)).status).toBe(204);
    expect((await read(await api("GET", "/blocks", ada), 200, blockPage)).items).toEqual([]);
    expect(await problemOf(await block(ada, ada))).toBe("400 invalid_request");
    expect(await problemOf(await api("PUT", `/blocks/${UNKNOWN}`, ada))).toBe("404 not_found");
    expect((await api("DELETE", `/blocks/${UNKNOWN}`, ada)).status).toBe(204);
  });

  it("ends friendship and requests of both, and lets neither ask again until it is lifted", async () => {
    const [ada, bob, cem] = await users();
    await befriend(ada, bob);
    await ask(cem, ada);
    for (const other of [bob, cem]) expect((await block(ada, other)).status).toBe(204);
    expect([await friendsOf(ada, "friends"), await friendsOf(bob, "friends")]).toEqual([0, 0]);
    expect([await friendsOf(ada, "incoming"), await friendsOf(cem, "outgoing")]).toEqual([0, 0]);
    expect(await problemOf(await ask(ada, bob))).toBe("403 blocked");
    expect(await problemOf(await ask(bob, ada))).toBe("403 blocked");
    expect(await problemOf(await api("POST", `/friends/${cem.user.user_id}/accept`, ada))).toBe(
      "404 not_found",
    );
    await unblock(ada, bob);
    expect((await ask(bob, ada)).status).toBe(201);
  });

  it("set by both holds until both have lifted it", async () => {
    const [ada, bob] = await users();
    const { conversation_id } = await read(await talk(ada, bob), 201, conversationSchema);
    await Promise.all([block(ada, bob), block(bob, ada)]);
    await unblock(ada, bob);
    expect(await problemOf(await ask(ada, bob))).toBe("403 blocked");
    expect(await problemOf(await send(ada, conversation_id, "1"))).toBe("403 blocked");
    await unblock(bob, ada);
    expect((await send(ada, conversation_id, "2")).status).toBe(201);
    expect((await ask(ada, bob)).status).toBe(201);
  });

  it("hides who set it from the other, and not the other way round", async () => {
    const [ada, bob] = await users();
    await block(ada, bob);
    const search = async (who: SignedIn, { user }: SignedIn) =>
      (await read(await api("GET", `/users?q=${user.username}`, who), 200, pageSchema(userSchema))).items
        .length;
    expect([await search(bob, ada), await search(ada, bob)]).toEqual([0, 1]);
    expect(await problemOf(await api("GET", `/users/${ada.user.user_id}`, bob))).toBe("404 not_found");
    expect((await api("GET", `/users/${bob.user.user_id}`, ada)).status).toBe(200);
    await unblock(ada, bob);
    expect(await search(bob, ada)).toBe(1);
  });
});

describe("conversations of a blocked pair", () => {
  it("[SEND-4] take no message of either, stay to be read, and go on when the block is lifted", async () => {
    const [ada, bob] = await users();
    const { conversation_id } = await read(await talk(ada, bob), 201, conversationSchema);
    const sent = await read(await send(ada, conversation_id, "before"), 201, messageSchema);
    await block(bob, ada);
    for (const who of [ada, bob]) {
      expect(await problemOf(await send(who, conversation_id, "now"))).toBe("403 blocked");
      const history = await api("GET", `/conversations/${conversation_id}/messages`, who);
      expect((await read(history, 200, historyPageSchema)).items).toEqual([sent]);
      expect((await talk(who, who === ada ? bob : ada)).status).toBe(200);
    }
    await unblock(bob, ada);
    expect((await send(ada, conversation_id, "now")).status).toBe(201);
  });

  it("show who is blocked the user name of the other, and nothing else of its profile", async () => {
    const [ada, bob, cem] = await users();
    await api("PUT", "/users/me", ada, { display_name: "Augusta", avatar_url: "https://example.org/a.png" });
    const { conversation_id } = await read(await talk(bob, ada), 201, conversationSchema);
    const inbox = async (who: SignedIn, query = "") =>
      (await read(await api("GET", `/conversations${query}`, who), 200, pageSchema(inboxRowSchema))).items;
    const whole = { username: ada.user.username, display_name: "Augusta" };
    expect(await inbox(bob, "?q=augusta")).toMatchObject([{ peer: whole }]);
    await block(ada, bob);
    const { user_id, username } = ada.user;
    expect((await inbox(bob)).map(({ peer }) => peer)).toEqual([{ user_id, username }]);
    const changed = await api("PUT", `/conversations/${conversation_id}/settings`, bob, { pinned: true });
    expect((await read(changed, 200, inboxRowSchema)).peer).toEqual({ user_id, username });
    expect(await inbox(bob, "?q=augusta")).toEqual([]);
    expect(await inbox(bob, `?q=${username}`)).toHaveLength(1);
    expect(await inbox(ada)).toMatchObject([{ peer: { display_name: bob.user.display_name } }]);
    await talk(bob, cem);
    expect(await inbox(bob)).toMatchObject([
      { peer: { user_id: cem.user.user_id, display_name: cem.user.display_name } },
      { peer: { user_id } },
    ]);
    await unblock(ada, bob);
    expect(await inbox(bob, "?q=augusta")).toMatchObject([{ peer: whole }]);
  });

  it("[IDEM-1] answer who repeats a message of before the block with its ack", async () => {
    const [ada, bob] = await users();
    const { conversation_id } = await read(await talk(ada, bob), 201, conversationSchema);
    const sent = await read(await send(ada, conversation_id, "before"), 201, messageSchema);
    await block(bob, ada);
    expect(await read(await send(ada, conversation_id, "before"), 200, messageSchema)).toEqual(sent);
  });

  it("are not begun, and nothing is written", async () => {
    const [ada, bob] = await users();
    await block(bob, ada);
    const create = vi.spyOn(ConversationObject.prototype, "create");
    for (const [who, other] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      expect(await problemOf(await talk(who, other))).toBe("403 blocked");
    }
    expect(create).not.toHaveBeenCalled();
    await unblock(bob, ada);
    expect((await talk(ada, bob)).status).toBe(201);
  });

  it("are blocked also when they begin while the block is being set", async () => {
    const [ada, bob] = await users();
    const conversation_id = oneOnOneId(ada.user.user_id, bob.user.user_id);
    const create = ConversationObject.prototype.create;
    vi.spyOn(ConversationObject.prototype, "create").mockImplementationOnce(async function (
      this: ConversationObject,
      seed,
    ) {
      // Too late for the look before, and too early to find the conversation.
      expect((await block(bob, ada)).status).toBe(204);
      return create.call(this, seed);
    });
    expect((await talk(ada, bob)).status).toBe(201);
    expect(await problemOf(await send(ada, conversation_id, "1"))).toBe("403 blocked");
  });

  it("say in the end what D1 says, when a block and its lifting overtake each other", async () => {
    const [ada, bob] = await users();
    const { conversation_id } = await read(await talk(ada, bob), 201, conversationSchema);
    const setBlock = ConversationObject.prototype.setBlock;
    vi.spyOn(ConversationObject.prototype, "setBlock").mockImplementationOnce(async function (
      this: ConversationObject,
      user_id,
      blocks,
    ) {
      expect((await unblock(ada, bob)).status).toBe(204);
      await setBlock.call(this, user_id, blocks);
    });
    expect((await block(ada, bob)).status).toBe(204);
    expect((await send(ada, conversation_id, "1")).status).toBe(201);
  });

  it("that cannot be reached make the request one to repeat", async () => {
    const [ada, bob] = await users();
    const { conversation_id } = await read(await talk(ada, bob), 201, conversationSchema);
    const setBlock = vi
      .spyOn(ConversationObject.prototype, "setBlock")
      .mockRejectedValue(new Error("not now"));
    expect(await problemOf(await block(ada, bob))).toBe("503 unavailable");
    setBlock.mockRestore();
    expect((await block(ada, bob)).status).toBe(204);
    expect(await problemOf(await send(bob, conversation_id, "1"))).toBe("403 blocked");
  });
});

describe("groups", () => {
  it("are not begun with somebody who has blocked the creator", async () => {
    const [ada, bob, cem] = await users();
    await block(bob, ada);
    const participant_ids = [bob, cem].map(({ user }) => user.user_id);
    const group = { type: "group", name: "Team", participant_ids };
    expect(await problemOf(await api("POST", "/conversations", ada, group))).toBe("403 blocked");
    await unblock(bob, ada);
    expect((await api("POST", "/conversations", ada, group)).status).toBe(201);
  });

  it("can ask of any number of users at once who of them is in a block with one", async () => {
    const [ada, bob, cem] = await users();
    await Promise.all([block(ada, bob), block(cem, ada), block(bob, cem)]);
    const crowd = Array.from(
      { length: 500 },
      (_, n) => `01890000-0000-7000-8000-${String(n).padStart(12, "0")}`,
    );
    const ids = [bob, cem].map(({ user }) => user.user_id);
    const db = openDatabase(env.DB);
    expect(await blockedAmong(db, ada.user.user_id, [...crowd, ...ids])).toEqual(new Set(ids));
    expect(await blockedAmong(db, ada.user.user_id, crowd)).toEqual(new Set());
    expect(await blockedAmong(db, ada.user.user_id, [])).toEqual(new Set());
  });
});
