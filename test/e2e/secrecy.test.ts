import { randomUUID } from "node:crypto";
import { v7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { register, type Session } from "../support/server/client.ts";
import { beginPair } from "../support/server/pair.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";
import { refusalOf } from "../support/server/upgrade-refused.ts";

let server: TestServer;
/** A conversation that the stranger is not in, one of its messages, and the stranger. */
let existing: { readonly conversation_id: string; readonly message_id: string };
let stranger: Session;

beforeAll(async () => {
  server = await startTestServer();
  const { alice, conversation_id } = await beginPair(server.url);
  const { message_id } = await alice.send(conversation_id, "not for strangers");
  existing = { conversation_id, message_id };
  stranger = await register(server.url);
});

afterAll(() => server.stop());

type Place = typeof existing;

/** A conversation and a message that nobody ever made. */
function nowhere(): Place {
  return { conversation_id: randomUUID(), message_id: v7() };
}

const ROUTES: [string, (place: Place) => string, object?][] = [
  ["GET", ({ conversation_id }) => `/conversations/${conversation_id}`],
  ["GET", ({ conversation_id }) => `/conversations/${conversation_id}/members`],
  ["GET", ({ conversation_id }) => `/conversations/${conversation_id}/messages`],
  ["GET", ({ conversation_id }) => `/conversations/${conversation_id}/messages?after_seq=0&limit=1`],
  ["GET", ({ conversation_id }) => `/conversations/${conversation_id}/messages?before_seq=9007199254740991`],
  [
    "POST",
    ({ conversation_id }) => `/conversations/${conversation_id}/messages`,
    { content: "hello?", client_message_id: "m1" },
  ],
  [
    "POST",
    ({ conversation_id }) => `/conversations/${conversation_id}/messages`,
    { content: "x".repeat(100_001), client_message_id: "m2" },
  ],
  [
    "POST",
    ({ conversation_id }) => `/conversations/${conversation_id}/messages`,
    { content: "a reply", client_message_id: "m3", reply_to_seq: 1 },
  ],
  ["POST", ({ conversation_id }) => `/conversations/${conversation_id}/read`, { seq: 1 }],
  [
    "GET",
    ({ conversation_id, message_id }) => `/conversations/${conversation_id}/messages/${message_id}/receipts`,
  ],
];

/** An answer without what differs from one request to the next. */
function withoutIds(text: string, ids: readonly string[]): string {
  return ids.reduce((rest, id) => rest.replaceAll(id, "<id>"), text);
}

/** Status, headers and body as text. */
async function ask(method: string, path: string, place: Place, body?: object): Promise<string> {
  const response = await fetch(`${server.url}/api${path}`, {
    method,
    headers: { Authorization: `Bearer ${stranger.access_token}`, "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const ids = [...Object.values(place), response.headers.get("X-Request-Id") ?? ""];
  const headers = [...response.headers].filter(([name]) => name !== "date");
  return withoutIds([response.status, ...headers, await response.text()].join("\n"), ids);
}

describe("a stranger cannot tell whether a conversation exists", () => {
  it.each(ROUTES)("[SEC-2] %s %s", async (method, pathOf, body) => {
    const missing = nowhere();
    const answer = await ask(method, pathOf(existing), existing, body);
    expect(answer).toMatch(/^404\n/);
    expect(answer).toContain('"code":"conversation_not_found"');
    expect(await ask(method, pathOf(missing), missing, body)).toBe(answer);
  });

  it("[SEC-2] POST /messages/:message_id/read", async () => {
    const missing = nowhere();
    const askRead = (place: Place) =>
      ask("POST", `/messages/${place.message_id}/read`, place, { conversation_id: place.conversation_id });
    const answer = await askRead(existing);
    expect(answer).toMatch(/^404\n/);
    expect(await askRead(missing)).toBe(answer);
  });

  it("[SEC-2] the upgrade of a conversation socket", async () => {
    const answerAt = async ({ conversation_id }: Place) => {
      const refused = await refusalOf(stranger.connectConversation(conversation_id));
      expect(refused.problem.code).toBe("conversation_not_found");
      const { date: _, ...headers } = refused.headers;
      return withoutIds(JSON.stringify({ ...refused, headers }), [
        conversation_id,
        refused.problem.request_id,
      ]);
    };
    expect(await answerAt(nowhere())).toBe(await answerAt(existing));
  });

  it("[SEC-2] every frame of a device socket, and of another conversation's socket", async () => {
    const friend = await register(server.url);
    const own = await stranger.createOneOnOne(friend.user_id);
    const sockets = [await stranger.connectDevice(), await stranger.connectConversation(own.conversation_id)];
    for (const socket of sockets) {
      const answers = [];
      for (const place of [existing, nowhere()]) answers.push(await answersTo(socket, place));
      expect(answers[1]).toEqual(answers[0]);
      await socket.close(1000);
    }
  });
});

/** What a socket hears when it sends to, acks and reads a place that is not the user's. */
async function answersTo(socket: TestSocket, { conversation_id }: Place): Promise<string[]> {
  const before = socket.all("ERROR").length;
  socket.sendMessage(conversation_id, "hello?", { client_message_id: "m1" });
  socket.ack(conversation_id, 1, "delivered");
  socket.ack(conversation_id, 1, "read");
  const errors = (await socket.until("ERROR", before + 3)).slice(before);
  for (const { payload } of errors) expect(payload.code).toBe("conversation_not_found");
  return errors.map((error) => withoutIds(JSON.stringify(error), [conversation_id])).sort();
}
