import { afterAll, beforeAll, expect, it } from "vitest";
import { conversationSchema } from "../../src/protocol/conversation.ts";
import { login, register } from "../support/server/client.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";

const CREATIONS = 50;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

it("[CONV-1] 50 creations at once, from both sides, make one conversation", async () => {
  const [alice, bob] = await Promise.all([register(server.url), register(server.url)]);
  const sides = [
    { session: alice, participant_id: bob.user_id },
    { session: bob, participant_id: alice.user_id },
    { session: await login(server.url, alice.account), participant_id: bob.user_id },
    { session: await login(server.url, bob.account), participant_id: alice.user_id },
    { session: await login(server.url, bob.account), participant_id: alice.user_id },
  ];
  const rounds = Array.from({ length: CREATIONS / sides.length }, () => sides).flat();
  const answers = await Promise.all(
    rounds.map(({ session, participant_id }) =>
      session.request("POST", "/api/conversations", { type: "one_on_one", participant_id }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(CREATIONS - 1).fill(200), 201]);
  const created = answers.map(({ body }) => conversationSchema.parse(body));
  expect(new Set(created.map(({ conversation_id }) => conversation_id)).size).toBe(1);
  expect(new Set(created.map(({ created_at }) => created_at)).size).toBe(1);
  for (const { session } of sides) {
    expect((await session.inbox()).map(({ conversation_id }) => conversation_id)).toEqual([
      created[0]?.conversation_id,
    ]);
  }
  const { seq } = await bob.send(created[0]?.conversation_id ?? "", "one place to talk");
  expect(seq).toBe(1);
});
