import { v7 } from "uuid";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ErrorCode, problemSchema } from "../../src/protocol/errors.ts";
import { messageSchema } from "../../src/protocol/message.ts";
import { type Answer, register, request, type Session } from "../support/server/client.ts";
import { Neighbours } from "../support/server/neighbours.ts";
import { beginPair, type Pair } from "../support/server/pair.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";

const MAX_CHARS = 100_000;

let server: TestServer;
let neighbours: Neighbours;
let pair: Pair;
let foreign: Pair;

beforeAll(async () => {
  server = await startTestServer();
  [neighbours, pair, foreign] = await Promise.all([
    Neighbours.begin(server.url),
    beginPair(server.url),
    beginPair(server.url),
  ]);
  await pair.bob.send(pair.conversation_id, "the first");
});

afterEach(async () => {
  await pair.alice.send(pair.conversation_id, "still healthy");
  await neighbours.talkOn();
});

afterAll(() => server.stop());

function expectProblem({ status, headers, body }: Answer, expected: number, code: ErrorCode): void {
  const problem = problemSchema.parse(body);
  expect([status, problem.status, problem.code]).toEqual([expected, expected, code]);
  expect(headers.get("Content-Type")).toBe("application/problem+json");
  expect(headers.get("X-Request-Id")).toBe(problem.request_id);
  expect(JSON.stringify(body)).not.toMatch(/stack|sqlite|\.ts:|\.js:/i);
}

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

const draft = (rest: object) => JSON.stringify({ content: "hello", client_message_id: "hostile", ...rest });

const BODIES: [string, string, number, ErrorCode][] = [
  ["JSON that ends too soon", '{"content":', 400, "invalid_request"],
  ["no object", "[]", 400, "invalid_request"],
  ["null", "null", 400, "invalid_request"],
  ["an empty body", "", 400, "invalid_request"],
  ["content of a wrong type", draft({ content: 1 }), 400, "invalid_request"],
  ["empty content", draft({ content: "" }), 400, "invalid_request"],
  ["100,001 characters", draft({ content: "x".repeat(MAX_CHARS + 1) }), 413, "message_too_long"],
  ["a body over the limit", draft({ content: "x".repeat(512 * 1024) }), 413, "payload_too_large"],
  ["deep nesting", nested(100_000), 400, "invalid_request"],
  ["deep metadata", draft({}).replace("}", `,"metadata":{"a":${nested(50_000)}}}`), 400, "invalid_request"],
  ["a lone surrogate", draft({ content: "half of \ud83d" }), 400, "invalid_request"],
  ["NUL", draft({ content: "before\0after" }), 400, "invalid_request"],
  ["a huge reply_to_seq", draft({ reply_to_seq: Number.MAX_SAFE_INTEGER }), 400, "invalid_request"],
  ["a negative reply_to_seq", draft({ reply_to_seq: -1 }), 400, "invalid_request"],
  ["an infinite reply_to_seq", draft({}).replace("}", ',"reply_to_seq":1e999}'), 400, "invalid_request"],
];

describe("the body of a send", () => {
  it.each(BODIES)("[SEND-4] %s", async (_, body, status, code) => {
    const path = `/api/conversations/${pair.conversation_id}/messages`;
    const { head_seq } = await pair.alice.history(pair.conversation_id, "limit=1");
    expectProblem(await pair.alice.request("POST", path, body), status, code);
    expect((await pair.alice.history(pair.conversation_id, "limit=1")).head_seq).toBe(head_seq);
  });

  it("that does not say it is JSON", async () => {
    const answer = await request(server.url, "POST", `/api/conversations/${pair.conversation_id}/messages`, {
      token: pair.alice.access_token,
      body: draft({}),
      headers: { "Content-Type": "text/plain" },
    });
    expectProblem(answer, 400, "invalid_request");
  });

  it("[SEND-3] that says who sent it, where and when, is believed in nothing of it", async () => {
    const { alice, bob, conversation_id } = pair;
    const forged = {
      content: "forged",
      client_message_id: v7(),
      sender_id: bob.user_id,
      user_id: bob.user_id,
      conversation_id: foreign.conversation_id,
      seq: 1,
      created_at: 0,
    };
    const path = `/api/conversations/${conversation_id}/messages`;
    const message = await alice.call(messageSchema, "POST", path, forged);
    expect(message).toMatchObject({ sender_id: alice.user_id, conversation_id });
    expect(message.seq).toBeGreaterThan(1);
    expect(message.created_at).toBeGreaterThan(0);
  });
});

const QUERIES = [
  "messages?before_seq=-1",
  "messages?before_seq=0",
  "messages?before_seq=1e30",
  "messages?before_seq=abc",
  "messages?after_seq=-1",
  "messages?after_seq=NaN",
  "messages?after_seq=9007199254740993",
  "messages?after_seq=1.5",
  "messages?after_seq=1&before_seq=2",
  "messages?limit=0",
  "messages?limit=-5",
  "messages?limit=1000000000",
  "messages?limit=many",
  "members?limit=0",
  "members?limit=101",
  `members?cursor=${"x".repeat(600)}`,
];

describe("positions, pages and cursors", () => {
  it.each(QUERIES)("%s", async (query) => {
    const path = `/api/conversations/${pair.conversation_id}/${query}`;
    expectProblem(await pair.alice.request("GET", path), 400, "invalid_request");
  });

  it.each([
    "conversations?cursor=nonsense",
    "conversations?cursor=-1.x",
    `conversations?cursor=1e999.${v7()}`,
    "conversations?cursor=%00",
    `conversations?cursor=${"9".repeat(500)}`,
    "conversations?limit=-1",
    "users?q=a&cursor=%ff%fe",
    "users?q=%00",
    "users?q=",
    `users?q=${"x".repeat(51)}`,
  ])("%s", async (path) => {
    expectProblem(await pair.alice.request("GET", `/api/${path}`), 400, "invalid_request");
  });

  it("a page from far beyond the end is empty, one from far before it is the newest", async () => {
    const { alice, conversation_id } = pair;
    const beyond = await alice.history(conversation_id, `after_seq=${Number.MAX_SAFE_INTEGER}`);
    expect(beyond).toMatchObject({ items: [], has_more: false });
    const newest = await alice.history(conversation_id, `before_seq=${Number.MAX_SAFE_INTEGER}&limit=1`);
    expect(newest.items[0]?.seq).toBe(newest.head_seq);
    const read = await alice.markRead(conversation_id, Number.MAX_SAFE_INTEGER);
    expect(read).toEqual({ read_seq: newest.head_seq, unread_count: 0 });
  });
});

describe("ids", () => {
  const NO_IDS = ["x", "..", "%2e%2e", "%00", "%ff", "'%20OR%201=1--", "0".repeat(5_000), v7().toUpperCase()];

  it.each(NO_IDS)("a conversation of the id %s is not found", async (id) => {
    for (const path of [`conversations/${id}/messages`, `conversations/${id}/members`]) {
      const { status, body } = await pair.alice.request("GET", `/api/${path}`);
      expect([404, 414, 431]).toContain(status);
      if (status === 404) expect(problemSchema.parse(body).code).toMatch(/not_found$/);
    }
  });

  it("of others: their sessions and their messages are not found, and stay", async () => {
    const { alice, conversation_id } = pair;
    const victim: Session = foreign.bob;
    const secret = await foreign.alice.send(foreign.conversation_id, "a secret");
    const answers = await Promise.all([
      alice.request("DELETE", `/api/auth/sessions/${victim.session_id}`),
      alice.request("GET", `/api/conversations/${conversation_id}/messages/${secret.message_id}/receipts`),
      alice.request("POST", `/api/messages/${secret.message_id}/read`, { conversation_id }),
    ]);
    for (const answer of answers) expectProblem(answer, 404, "not_found");
    expect((await victim.request("GET", "/api/users/me")).status).toBe(200);
    const presence = await alice.request("GET", `/api/users/${victim.user_id}/presence`);
    expectProblem(presence, 403, "forbidden");
  });

  it("of users that are not there, or of oneself, begin no conversation", async () => {
    const { alice, bob } = pair;
    const begin = (body: object) => alice.request("POST", "/api/conversations", body);
    const before = await alice.inbox();
    expectProblem(await begin({ type: "one_on_one", participant_id: v7() }), 404, "not_found");
    expectProblem(await begin({ type: "one_on_one", participant_id: alice.user_id }), 400, "invalid_request");
    expectProblem(await begin({ type: "one_on_one", participant_id: "x" }), 400, "invalid_request");
    const group = { type: "group", name: "two and a ghost" };
    expectProblem(await begin({ ...group, participant_ids: [bob.user_id, v7()] }), 404, "not_found");
    expectProblem(
      await begin({ ...group, participant_ids: [bob.user_id, bob.user_id, alice.user_id] }),
      400,
      "invalid_request",
    );
    expect(await alice.inbox()).toEqual(before);
  });

  it("of a device of somebody else: both devices live on, and each gets the other's messages", async () => {
    const { alice, bob, conversation_id } = await beginPair(server.url);
    const mallory = await register(server.url, { device: { device_id: alice.device_id } });
    const sockets = [await alice.connectDevice(), await mallory.connectDevice()];
    const shared = await mallory.createOneOnOne(alice.user_id);
    const { seq } = await mallory.send(shared.conversation_id, "from the same device id");
    await sockets[0]?.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === seq);
    await bob.send(conversation_id, "for alice alone");
    await sockets[0]?.next("MESSAGE_RECEIVE", ({ payload }) => payload.conversation_id === conversation_id);
    await alice.send(shared.conversation_id, "for mallory");
    await sockets[1]?.next("MESSAGE_RECEIVE");
    const told = sockets[1]?.all("MESSAGE_RECEIVE").map(({ payload }) => payload.content);
    expect(told).toEqual(["for mallory"]);
    for (const socket of sockets) await socket.close(1000);
  });
});
