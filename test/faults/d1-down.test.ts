import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemSchema } from "../../src/protocol/errors.ts";
import { type Answer, register, type Session } from "../support/server/client.ts";
import { receivedSeqs, runsOf } from "../support/server/reader.ts";
import type { TestSocket } from "../support/server/test-socket.ts";
import { FULL } from "./scale.ts";
import { type SplitServer, startSplitServer } from "./split-server.ts";

const CATCH_UP_MS = 15_000;

let server: SplitServer;
let alice: Session;
let bob: Session;
let carol: Session;
let conversation_id: string;
let sockets: {
  readonly device: TestSocket;
  readonly conversation: TestSocket;
  readonly listener: TestSocket;
};

beforeAll(async () => {
  server = await startSplitServer();
  [alice, bob, carol] = [await register(server.url), await register(server.url), await register(server.url)];
  ({ conversation_id } = await alice.createOneOnOne(bob.user_id));
  sockets = {
    device: await alice.connectDevice(),
    conversation: await alice.connectConversation(conversation_id),
    listener: await bob.connectDevice(),
  };
});

afterAll(() => server.stop());

/** Sends over every socket and over HTTP, and waits until the other one has all of it. */
async function chat(): Promise<void> {
  const { device, conversation, listener } = sockets;
  for (const socket of [device, conversation]) {
    await socket.sent(socket.sendMessage(conversation_id, "D1 has nothing to do with this"));
  }
  const { seq } = await alice.send(conversation_id, "nor with this");
  await listener.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === seq);
  expect(runsOf(receivedSeqs(listener, conversation_id))).toBe(`1-${seq}`);
  // A device that comes now finds everything too: its ticket and its token need no D1.
  const again = await carol.connectDevice();
  await again.close(1000);
  const row = await bob.inboxRow(conversation_id);
  expect(row).toMatchObject({ head_seq: seq, unread_count: seq });
}

function expectUnavailable({ status, headers, body }: Answer): void {
  expect(status).toBe(503);
  expect(Number(headers.get("Retry-After"))).toBeGreaterThan(0);
  expect(problemSchema.parse(body).code).toBe("unavailable");
}

/** Routes that cannot do without D1. */
const NEEDING_D1: [string, string, () => object | undefined][] = [
  ["GET", "/api/users/me", () => undefined],
  ["PUT", "/api/users/me", () => ({ display_name: "Someone" })],
  ["GET", "/api/users?q=user", () => undefined],
  ["POST", "/api/auth/login", () => ({ username: alice.account.username, password: alice.account.password })],
  ["POST", "/api/auth/refresh", () => ({ refresh_token: alice.refresh_token })],
  ["POST", "/api/conversations", () => ({ type: "one_on_one", participant_id: carol.user_id })],
];

const askAll = () =>
  Promise.all(NEEDING_D1.map(([method, path, body]) => alice.request(method, path, body())));

describe("D1", () => {
  it("[SEND-1] [DLV-1] is killed: chat goes on, what needs it says when to come back, and it comes back", async () => {
    await server.killDatabase();
    await chat();
    for (const answer of await askAll()) expectUnavailable(answer);
    const { status } = await alice.request("GET", "/health/ready");
    expect(status).toBe(503);
    await server.restartDatabase();
    await expect.poll(async () => (await alice.request("GET", "/api/users/me")).status).toBe(200);
    await expect.poll(async () => (await alice.request("GET", "/health/ready")).status).toBe(200);
    await chat();
  });

  it("[CONV-1] is locked against writing: a conversation begins all the same, and the directory catches up", async () => {
    const file = server.databaseFile();
    const lock = new DatabaseSync(file);
    lock.exec("BEGIN IMMEDIATE");
    const begun = await alice.createOneOnOne(carol.user_id);
    await alice.send(begun.conversation_id, "before the directory knows of us");
    expect((await carol.inboxRow(begun.conversation_id)).unread_count).toBe(1);
    await expect.poll(() => server.log()).toContain("directory change not published");
    expect(membersInDirectory(file, begun.conversation_id)).toEqual([]);
    await chat();
    lock.exec("ROLLBACK");
    lock.close();
    const members = [alice.user_id, carol.user_id].sort();
    await expect
      .poll(() => membersInDirectory(file, begun.conversation_id), { timeout: CATCH_UP_MS, interval: 100 })
      .toEqual(members);
  });

  it.runIf(FULL)(
    "[SEND-1] is frozen, neither answering nor failing: chat goes on, and what needs it is answered in time",
    async () => {
      server.freezeDatabase();
      const asked = askAll();
      await chat();
      for (const answer of await asked) expectUnavailable(answer);
      server.wakeDatabase();
      expect((await alice.request("GET", "/api/users/me")).status).toBe(200);
    },
  );
});

function membersInDirectory(file: string, id: string): unknown[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const query = database.prepare(
      "SELECT user_id FROM conversation_members WHERE conversation_id = ? ORDER BY user_id",
    );
    return query.all(id).map(({ user_id }) => user_id);
  } finally {
    database.close();
  }
}
