import { abortAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { oneOnOneId } from "../../src/domain/conversation-id.ts";
import { ConversationObject } from "../../src/objects/conversation/conversation-object.ts";
import { UserObject } from "../../src/objects/user/user-object.ts";
import { conversationSchema, inboxRowSchema, memberSchema } from "../../src/protocol/conversation.ts";
import { problemSchema } from "../../src/protocol/errors.ts";
import {
  historyPageSchema,
  messageSchema,
  readResultSchema,
  receiptsSchema,
} from "../../src/protocol/message.ts";
import { pageSchema } from "../../src/protocol/page.ts";
import { call, problemOf, read, registerUser, type SignedIn } from "../support/workerd/api.ts";

const UNKNOWN = "01890000-0000-7000-8000-000000000000";

const [ada, bob, cem, eve] = await Promise.all([
  registerUser(),
  registerUser(),
  registerUser(),
  registerUser(),
]);

function get(who: SignedIn, path: string): Promise<Response> {
  return call("GET", path, { token: who.access_token });
}

function post(who: SignedIn, path: string, body: unknown): Promise<Response> {
  return call("POST", path, { token: who.access_token, body });
}

function talk(who: SignedIn, other: SignedIn): Promise<Response> {
  return post(who, "/api/conversations", { type: "one_on_one", participant_id: other.user.user_id });
}

function send(who: SignedIn, conversation_id: string, client_message_id: string, content: string) {
  return post(who, `/api/conversations/${conversation_id}/messages`, { client_message_id, content });
}

const { conversation_id } = await read(await talk(ada, bob), 201, conversationSchema);
const base = `/api/conversations/${conversation_id}`;

afterEach(() => vi.restoreAllMocks());

describe("one-on-one", () => {
  it("[CONV-1] is the one that exists, whoever asks and however many ask at once", async () => {
    expect(conversation_id).toBe(oneOnOneId(bob.user.user_id, ada.user.user_id));
    expect((await read(await talk(bob, ada), 200, conversationSchema)).conversation_id).toBe(conversation_id);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => (i % 2 ? talk(cem, eve) : talk(eve, cem))),
    );
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(11);
  });

  it("needs somebody else who exists", async () => {
    expect(await problemOf(await talk(ada, ada))).toBe("400 invalid_request");
    const unknown = { type: "one_on_one", participant_id: UNKNOWN };
    expect(await problemOf(await post(ada, "/api/conversations", unknown))).toBe("404 not_found");
    for (const body of [
      {},
      { type: "one_on_one" },
      { type: "channel" },
      { type: "one_on_one", participant_id: "1" },
    ]) {
      expect(await problemOf(await post(ada, "/api/conversations", body))).toBe("400 invalid_request");
    }
  });
});

describe("groups", () => {
  const create = (who: SignedIn, participants: string[], extra: object = {}) =>
    post(who, "/api/conversations", { type: "group", name: "Team", participant_ids: participants, ...extra });
  const ids = [bob, cem].map((other) => other.user.user_id);

  it("[CONV-2] begin with three or more, the creator as owner", async () => {
    const answer = await create(ada, [...ids, ...ids, ada.user.user_id], { description: "We" });
    const conversation = await read(answer, 201, conversationSchema);
    expect(conversation).toMatchObject({
      type: "group",
      name: "Team",
      description: "We",
      member_count: 3,
      role: "owner",
    });
    const path = `/api/conversations/${conversation.conversation_id}/members`;
    const { items } = await read(await get(bob, path), 200, pageSchema(memberSchema));
    expect(items.map(({ user_id, role }) => `${role} ${user_id}`).sort()).toEqual(
      [`owner ${ada.user.user_id}`, `member ${bob.user.user_id}`, `member ${cem.user.user_id}`].sort(),
    );
    const direct = await post(ada, "/api/conversations/group", { name: "Other", participant_ids: ids });
    expect(direct.status).toBe(201);
  });

  it("[CONV-2] are refused with too few, too many, without a name, or with someone who does not exist", async () => {
    const admit = vi.spyOn(UserObject.prototype, "admit");
    expect(await problemOf(await create(ada, [bob.user.user_id, ada.user.user_id]))).toBe(
      "400 invalid_request",
    );
    expect(await problemOf(await create(ada, ids, { name: "  " }))).toBe("400 invalid_request");
    const unknown = await read(await create(ada, [...ids, UNKNOWN]), 404, problemSchema);
    expect(unknown.detail).not.toContain(UNKNOWN);
    const crowd = Array.from(
      { length: 1000 },
      (_, i) => `01890000-0000-7000-8000-${String(i).padStart(12, "0")}`,
    );
    expect(await problemOf(await create(ada, crowd))).toBe("409 group_full");
    // LIM-2: none of these counted as a group.
    expect(admit).not.toHaveBeenCalledWith(expect.anything(), "group");
  });

  it("[CONV-2] [DLV-1] begin though their members' objects hang, and the alarm tells the members", async () => {
    const handOver = vi
      .spyOn(UserObject.prototype, "handOver")
      .mockImplementation(() => new Promise(() => undefined));
    const begun = await read(await create(ada, ids), 201, conversationSchema);
    handOver.mockRestore();
    // What hangs would be given up after 10 s.
    await abortAllDurableObjects();
    expect(await runDurableObjectAlarm(env.CONVERSATIONS.getByName(begun.conversation_id))).toBe(true);
    const listed = async () => {
      const page = await read(await get(bob, "/api/conversations"), 200, pageSchema(inboxRowSchema));
      return page.items.map((row) => row.conversation_id);
    };
    await expect.poll(listed).toContain(begun.conversation_id);
  });

  it("[IDEM-2] [LIM-2] are begun once under a key of their creator's, however often that is asked", async () => {
    const key = { client_conversation_id: "key-1" };
    const first = await read(await create(ada, ids, key), 201, conversationSchema);
    const admit = vi.spyOn(UserObject.prototype, "admit");
    expect(await read(await create(ada, ids, { ...key, name: "Other" }), 200, conversationSchema)).toEqual(
      first,
    );
    const direct = await post(ada, "/api/conversations/group", { name: "x", participant_ids: ids, ...key });
    expect(await read(direct, 200, conversationSchema)).toEqual(first);
    expect(admit).not.toHaveBeenCalledWith(expect.anything(), "group");
    const bobs = [ada, cem].map((other) => other.user.user_id);
    const other = await read(await create(bob, bobs, key), 201, conversationSchema);
    expect(other.conversation_id).not.toBe(first.conversation_id);
    const next = { client_conversation_id: "key-2" };
    const both = await Promise.all([create(ada, ids, next), create(ada, ids, next)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 201]);
    const path = `/api/conversations/${first.conversation_id}`;
    expect((await call("DELETE", path, { token: ada.access_token })).status).toBe(204);
    expect(await problemOf(await create(ada, ids, key))).toBe("404 conversation_not_found");
    expect(await problemOf(await create(ada, ids, { client_conversation_id: "a b" }))).toBe(
      "400 invalid_request",
    );
  });

  it("[LIM-1] count against the user's limit", async () => {
    vi.spyOn(UserObject.prototype, "admit").mockImplementation(async (_, spend) =>
      spend === "group" ? { code: "rate_limited", message: "", retry_after_ms: 60_000 } : null,
    );
    const answer = await create(ada, ids);
    expect(answer.headers.get("Retry-After")).toBe("60");
    expect(await problemOf(answer)).toBe("429 rate_limited");
  });
});

describe("messages over HTTP", () => {
  it("[DLV-3] come from the device that is named, or from none", async () => {
    const sending = vi.spyOn(UserObject.prototype, "sendMessage");
    const begun = await read(await talk(ada, cem), 201, conversationSchema);
    const path = `/api/conversations/${begun.conversation_id}/messages`;
    const body = { client_message_id: "m-1", content: "Hello" };
    expect((await post(ada, path, body)).status).toBe(201);
    expect((await post(ada, `${path}?device_id=tablet`, body)).status).toBe(200);
    expect(sending.mock.calls.map((args) => args[4])).toEqual([undefined, "tablet"]);
    expect(await problemOf(await post(ada, `${path}?device_id=a%20b`, body))).toBe("400 invalid_request");
  });

  it("[IDEM-1] are stored once: 201, then 200 with what was stored first", async () => {
    const first = await read(await send(ada, conversation_id, "m-1", "Hello, \u{1F44B}"), 201, messageSchema);
    expect(first).toMatchObject({
      conversation_id,
      sender_id: ada.user.user_id,
      content: "Hello, \u{1F44B}",
      seq: 1,
    });
    const again = await read(await send(ada, conversation_id, "m-1", "something else"), 200, messageSchema);
    expect(again).toEqual(first);
    const { items, head_seq } = await read(await get(bob, `${base}/messages`), 200, historyPageSchema);
    expect({ items, head_seq }).toEqual({ items: [first], head_seq: 1 });
  });

  it("[UNR-1] are read up to a seq, or up to a message", async () => {
    for (const i of [2, 3, 4]) await send(ada, conversation_id, `m-${i}`, `Message ${i}`);
    const read2 = await read(await post(bob, `${base}/read`, { seq: 2 }), 200, readResultSchema);
    expect(read2).toEqual({ read_seq: 2, unread_count: 2 });
    const { items } = await read(
      await get(bob, `${base}/messages?after_seq=2&limit=1`),
      200,
      historyPageSchema,
    );
    const path = `/api/messages/${items[0]?.message_id}/read`;
    expect(await read(await post(bob, path, { conversation_id }), 200, readResultSchema)).toEqual({
      read_seq: 3,
      unread_count: 1,
    });
    const receipts = await read(
      await get(ada, `${base}/messages/${items[0]?.message_id}/receipts`),
      200,
      receiptsSchema,
    );
    expect(receipts.read.map((receipt) => receipt.user_id)).toEqual([bob.user.user_id]);
    expect(await problemOf(await post(bob, `/api/messages/${UNKNOWN}/read`, { conversation_id }))).toBe(
      "404 not_found",
    );
    expect(await problemOf(await get(ada, `${base}/messages/${UNKNOWN}/receipts`))).toBe("404 not_found");
  });

  it("[SEC-1] are not looked up for a session that has ended, or that asks too often", async () => {
    const guest = await registerUser();
    const seqOf = vi.spyOn(ConversationObject.prototype, "seqOf");
    const markByMessage = () => post(guest, `/api/messages/${UNKNOWN}/read`, { conversation_id });
    const admit = vi.spyOn(UserObject.prototype, "admit");
    admit.mockResolvedValueOnce({ code: "rate_limited", message: "", retry_after_ms: 1_000 });
    expect(await problemOf(await markByMessage())).toBe("429 rate_limited");
    expect((await call("POST", "/api/auth/logout", { token: guest.access_token })).status).toBe(204);
    expect(await problemOf(await markByMessage())).toBe("401 session_revoked");
    expect(seqOf).not.toHaveBeenCalled();
  });

  it("show in the inbox with the peer's profile", async () => {
    const { items } = await read(await get(bob, "/api/conversations"), 200, pageSchema(inboxRowSchema));
    const row = items.find((inboxRow) => inboxRow.conversation_id === conversation_id);
    expect(row).toMatchObject({
      type: "one_on_one",
      peer: { user_id: ada.user.user_id, username: ada.user.username },
    });
    expect(row).not.toHaveProperty("peer_id");
    expect(JSON.stringify(items)).not.toContain("@example.org");
  });

  it("name the field when the inbox is asked for with a cursor of something else", async () => {
    const { code, errors } = await read(
      await get(bob, "/api/conversations?cursor=nonsense"),
      400,
      problemSchema,
    );
    expect(code).toBe("invalid_request");
    expect(errors).toEqual([{ path: "cursor", message: "is not one of ours" }]);
  });

  it.each([
    { content: "x" },
    { client_message_id: "a" },
    { client_message_id: "a", content: "" },
    { client_message_id: "a b", content: "x" },
    { client_message_id: "a", content: "x\u0000y" },
    { client_message_id: "a", content: "\udfff" },
    { client_message_id: "a", content: 1 },
    { client_message_id: "a", content: "x", reply_to_seq: -1 },
    { client_message_id: "a", content: "x", reply_to_seq: 1e300 },
    { client_message_id: "a", content: "x", message_type: "system" },
    { client_message_id: "a", content: "x", metadata: [1] },
  ])("[SEND-4] leave no trace when refused: %j", async (body) => {
    const before = await (await get(ada, base)).json<{ head_seq: number }>();
    expect(await problemOf(await post(ada, `${base}/messages`, body))).toBe("400 invalid_request");
    expect(await (await get(ada, base)).json<{ head_seq: number }>()).toEqual(before);
  });

  it("[SEND-4] name the field when they reply to what is not there", async () => {
    const body = { client_message_id: "a", content: "x", reply_to_seq: 1_000_000 };
    const { code, errors } = await read(await post(ada, `${base}/messages`, body), 400, problemSchema);
    expect(code).toBe("invalid_request");
    expect(errors).toEqual([{ path: "reply_to_seq", message: "there is no such entry" }]);
  });

  it("may have 100,000 characters and not one more", async () => {
    expect((await send(ada, conversation_id, "long", "\u{1F600}".repeat(100_000))).status).toBe(201);
    expect(await problemOf(await send(ada, conversation_id, "longer", "x".repeat(100_001)))).toBe(
      "413 message_too_long",
    );
  });

  it.each([
    "before_seq=0",
    "before_seq=-1",
    "before_seq=1e400",
    "before_seq=99999999999999999999",
    "before_seq=x",
    "after_seq=1.5",
    "after_seq=-9007199254740993",
    "after_seq=NaN",
    "limit=0",
    "limit=101",
    "limit=1e9",
    "before_seq=1&after_seq=1",
  ])("are not listed for ?%s", async (query) => {
    expect(await problemOf(await get(ada, `${base}/messages?${query}`))).toBe("400 invalid_request");
  });

  it.each([{}, { seq: -1 }, { seq: 1.5 }, { seq: "1" }, { seq: null }, { seq: 2 ** 60 }])(
    "are not marked read by %j",
    async (body) => {
      expect(await problemOf(await post(ada, `${base}/read`, body))).toBe("400 invalid_request");
    },
  );
});

describe("a conversation of others", () => {
  it("[SEC-2] cannot be told from one that does not exist", async () => {
    const withoutId = async (response: Response) => {
      const { request_id: _, ...problem } = await read(response, 404, problemSchema);
      return problem;
    };
    const { items } = await read(await get(ada, `${base}/messages?limit=1`), 200, historyPageSchema);
    const message_id = items[0]?.message_id;
    const strange = "9d9a0c1e-1111-5222-8333-123456789012";
    const attempts: ((id: string) => Promise<Response>)[] = [
      (id) => get(eve, `/api/conversations/${id}`),
      (id) => get(eve, `/api/conversations/${id}/members`),
      (id) => get(eve, `/api/conversations/${id}/messages`),
      (id) => get(eve, `/api/conversations/${id}/messages/${message_id}/receipts`),
      (id) => send(eve, id, "x", "x"),
      (id) => post(eve, `/api/conversations/${id}/read`, { seq: 1 }),
      (id) => post(eve, `/api/messages/${message_id}/read`, { conversation_id: id }),
      (id) =>
        call("GET", `/ws/conversations/${id}?token=${eve.access_token}`, {
          headers: { Upgrade: "websocket" },
        }),
    ];
    for (const attempt of attempts) {
      const existing = await withoutId(await attempt(conversation_id));
      expect(existing.code).toBe("conversation_not_found");
      expect(existing).toEqual(await withoutId(await attempt(strange)));
    }
  });
});
