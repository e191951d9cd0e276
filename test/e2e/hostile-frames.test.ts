import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import type { ErrorCode } from "../../src/protocol/errors.ts";
import { Neighbours } from "../support/server/neighbours.ts";
import { beginPair, type Pair } from "../support/server/pair.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";

const MAX_CHARS = 100_000;
const MAX_BYTES = 512 * 1024;
const HUGE = Number.MAX_SAFE_INTEGER;

let server: TestServer;
let neighbours: Neighbours;
let pair: Pair;
let foreign: Pair;
const sockets = new Map<string, TestSocket>();

beforeAll(async () => {
  server = await startTestServer();
  [neighbours, pair, foreign] = await Promise.all([
    Neighbours.begin(server.url),
    beginPair(server.url),
    beginPair(server.url),
  ]);
  await foreign.alice.send(foreign.conversation_id, "not yours");
  await pair.bob.send(pair.conversation_id, "something to ack");
  sockets.set("device socket", await pair.alice.connectDevice());
  sockets.set("conversation socket", await pair.alice.connectConversation(pair.conversation_id));
});

// After each attack: the socket works, and nobody else noticed.
afterEach(async () => {
  for (const socket of sockets.values()) {
    const { duplicate } = await socket.sent(socket.sendMessage(pair.conversation_id, "still healthy"));
    expect(duplicate).toBe(false);
  }
  await neighbours.talkOn();
});

afterAll(() => server.stop());

/** The text of a MESSAGE_SEND in the attacker's own conversation. */
function send(payload: object): string {
  const draft = { client_message_id: "hostile", content: "hello", conversation_id: pair.conversation_id };
  return frame("MESSAGE_SEND", { ...draft, ...payload });
}

function ack(payload: object): string {
  return frame("MESSAGE_ACK", { conversation_id: pair.conversation_id, status: "read", seq: 1, ...payload });
}

function frame(type: unknown, payload: unknown): string {
  return JSON.stringify({ type, request_id: "r1", payload });
}

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

const CASES: [string, () => string | Uint8Array, ErrorCode][] = [
  ["text that is not JSON", () => '{"type":', "invalid_request"],
  ["an empty message", () => "", "invalid_request"],
  ["JSON that is no object", () => "42", "invalid_request"],
  ["null", () => "null", "invalid_request"],
  ["an array without batch=1", () => `[${send({})}]`, "invalid_request"],
  ["a type that is no text", () => frame(7, {}), "invalid_request"],
  ["no type", () => '{"payload":{}}', "invalid_request"],
  ["an unknown type", () => frame("MESSAGE_SNED", {}), "unknown_type"],
  ["a type every object has", () => frame("constructor", {}), "unknown_type"],
  ["a type of the server's", () => frame("MESSAGE_RECEIVE", {}), "unknown_type"],
  ["no payload", () => frame("MESSAGE_SEND", undefined), "invalid_request"],
  ["a payload that is a list", () => frame("MESSAGE_SEND", []), "invalid_request"],
  ["content of a wrong type", () => send({ content: { text: "hello" } }), "invalid_request"],
  ["no content", () => send({ content: undefined }), "invalid_request"],
  ["empty content", () => send({ content: "" }), "invalid_request"],
  ["100,001 characters", () => send({ content: "x".repeat(MAX_CHARS + 1) }), "message_too_long"],
  ["100,001 characters of 4 bytes", () => send({ content: "😀".repeat(MAX_CHARS + 1) }), "message_too_long"],
  ["a frame over the limit", () => send({ content: "x".repeat(MAX_BYTES) }), "payload_too_large"],
  ["a frame of 8 MiB", () => send({ content: "x".repeat(8 << 20) }), "payload_too_large"],
  ["a binary frame", () => new TextEncoder().encode(send({})), "invalid_request"],
  ["a long binary frame", () => new Uint8Array(MAX_BYTES + 1), "invalid_request"],
  ["a lone surrogate", () => send({ content: "half of \ud83d" }), "invalid_request"],
  ["a lone surrogate in metadata", () => send({ metadata: { "\udc00": 1 } }), "invalid_request"],
  ["NUL", () => send({ content: "before\0after" }), "invalid_request"],
  ["NUL in metadata", () => send({ metadata: { key: "\0" } }), "invalid_request"],
  ["deep nesting", () => nested(100_000), "invalid_request"],
  [
    "deep nesting in metadata",
    () => send({}).replace('"hello"', `"hello","metadata":${nested(100_000)}`),
    "invalid_request",
  ],
  ["long metadata", () => send({ metadata: { key: "x".repeat(10_000) } }), "invalid_request"],
  ["a client_message_id with spaces", () => send({ client_message_id: "a b" }), "invalid_request"],
  ["a long client_message_id", () => send({ client_message_id: "x".repeat(65) }), "invalid_request"],
  ["a system message", () => send({ message_type: "system" }), "invalid_request"],
  ["a reply to what is not there", () => send({ reply_to_seq: HUGE }), "invalid_request"],
  ["a reply to less than nothing", () => send({ reply_to_seq: -1 }), "invalid_request"],
  ["a conversation that is no id", () => send({ conversation_id: "../../etc/passwd" }), "invalid_request"],
  [
    "another pair's conversation",
    () => send({ conversation_id: foreign.conversation_id }),
    "conversation_not_found",
  ],
  ["an ack of a negative seq", () => ack({ seq: -1 }), "invalid_request"],
  ["an ack of half a seq", () => ack({ seq: 1.5 }), "invalid_request"],
  ["an ack beyond exact integers", () => ack({ seq: 2 ** 53 }), "invalid_request"],
  ["an ack of a number as text", () => ack({ seq: "1" }), "invalid_request"],
  ["an infinite ack", () => ack({}).replace('"seq":1', '"seq":1e999'), "invalid_request"],
  ["an ack of sent", () => ack({ status: "sent" }), "invalid_request"],
  [
    "an ack in another pair's conversation",
    () => ack({ conversation_id: foreign.conversation_id }),
    "conversation_not_found",
  ],
  ["a presence that there is not", () => frame("PRESENCE_UPDATE", { status: "asleep" }), "invalid_request"],
  [
    "typing that is neither begun nor ended",
    () => frame("TYPING_INDICATOR", { conversation_id: pair.conversation_id, is_typing: 1 }),
    "invalid_request",
  ],
  [
    "typing in another pair's conversation",
    () => frame("TYPING_INDICATOR", { conversation_id: foreign.conversation_id, is_typing: true }),
    "conversation_not_found",
  ],
  ["a negative sync position", () => frame("SYNC_REQUEST", { last_sync_id: -1 }), "invalid_request"],
  [
    "a sync position that is no number",
    () => frame("SYNC_REQUEST", { last_sync_id: "x" }),
    "invalid_request",
  ],
];

/** Fewer attacks on each socket than the hundred after which it is cut off. */
describe.each(["device socket", "conversation socket"])("on a %s", (kind) => {
  it.each(CASES)("[SEND-4] %s is refused by its code", async (_, message, code) => {
    const socket = sockets.get(kind);
    if (!socket) throw new Error("no socket");
    const before = socket.all("ERROR").length;
    const { head_seq } = await pair.alice.history(pair.conversation_id, "limit=1");
    socket.sendRaw(message());
    const [error] = (await socket.until("ERROR", before + 1)).slice(before);
    expect(error?.payload.code).toBe(code);
    expect(JSON.stringify(error)).not.toMatch(/stack|sqlite|\.ts:|\.js:/i);
    expect((await pair.alice.history(pair.conversation_id, "limit=1")).head_seq).toBe(head_seq);
  });

  it("[DLV-5] a mark beyond the end stays at the end, and unknown fields are ignored", async () => {
    const socket = sockets.get(kind);
    if (!socket) throw new Error("no socket");
    const sent = await pair.bob.send(pair.conversation_id, "to be read");
    socket.sendRaw(JSON.stringify({ ...JSON.parse(ack({ seq: HUGE })), unknown: { deep: [1] } }));
    const row = () => pair.alice.inboxRow(pair.conversation_id);
    await expect.poll(row).toMatchObject({ read_seq: sent.seq, head_seq: sent.seq, unread_count: 0 });
  });

  it("what fits exactly is accepted", async () => {
    const socket = sockets.get(kind);
    if (!socket) throw new Error("no socket");
    for (const content of ["x".repeat(MAX_CHARS), "😀".repeat(MAX_CHARS)]) {
      const { seq } = await socket.sent(socket.sendMessage(pair.conversation_id, content));
      const { items } = await pair.bob.history(pair.conversation_id, `after_seq=${seq - 1}&limit=1`);
      expect(items[0]?.content === content).toBe(true);
    }
  });

  it("a client that does not stop is cut off with 4503", async () => {
    const socket =
      kind === "device socket"
        ? await foreign.bob.connectDevice()
        : await foreign.bob.connectConversation(foreign.conversation_id);
    for (let count = 0; count < 150; count++) socket.sendRaw("no JSON");
    expect((await socket.closed).code).toBe(CLOSE.protocol_violation);
  });
});
