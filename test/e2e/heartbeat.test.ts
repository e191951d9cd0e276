import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { HEARTBEAT_PING_TEXT } from "../../src/protocol/frames/heartbeat.ts";
import { type Presence, presenceSchema } from "../../src/protocol/user.ts";
import type { Session } from "../support/server/client.ts";
import { befriend, beginPair } from "../support/server/pair.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";

const TIMEOUT_MS = 2_000;
/** Checks may be this many timeouts apart; see `domain/presence.ts`. */
const GENEROUS_MS = 30_000;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ vars: { HEARTBEAT_TIMEOUT_MS: String(TIMEOUT_MS) } });
});

afterAll(() => server.stop());

/** Sends the exact ping text, four times in each timeout, until the answered function is called. */
function keepAlive(sockets: readonly TestSocket[]): () => void {
  const timer = setInterval(() => {
    for (const socket of sockets) socket.sendRaw(HEARTBEAT_PING_TEXT);
  }, TIMEOUT_MS / 4);
  return () => clearInterval(timer);
}

function presenceOf(user_id: string, asker: Session): Promise<Presence> {
  return asker.call(presenceSchema, "GET", `/api/users/${user_id}/presence`);
}

describe("heartbeat", () => {
  it(
    "closes a silent socket with 4001, and leaves alone one that sends the exact ping text",
    async () => {
      const { alice, bob, conversation_id } = await beginPair(server.url);
      const alive = [await alice.connectDevice(), await alice.connectConversation(conversation_id)];
      const stop = keepAlive(alive);
      try {
        const silent = [await bob.connectDevice(), await bob.connectConversation(conversation_id)];
        for (const socket of silent) expect((await socket.closed).code).toBe(CLOSE.heartbeat_timeout);
        // Longer than the silent ones lived, once more.
        await new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS * 1.5));
        for (const socket of alive) {
          expect(socket.isOpen).toBe(true);
          expect(socket.all("HEARTBEAT_PONG").length).toBeGreaterThan(4);
          await socket.sent(socket.sendMessage(conversation_id, "still here"));
        }
      } finally {
        stop();
      }
    },
    GENEROUS_MS,
  );
});

describe("presence", () => {
  it("[PRES-1] is online while a device is connected, offline at once when the last has closed", async () => {
    const { alice, bob } = await beginPair(server.url);
    await befriend(alice, bob);
    expect(await presenceOf(bob.user_id, alice)).toMatchObject({ status: "offline" });
    const socket = await bob.connectDevice();
    expect(await presenceOf(bob.user_id, alice)).toMatchObject({ status: "online" });
    const before = Date.now();
    await socket.close(1000);
    await expect
      .poll(() => presenceOf(bob.user_id, alice), { timeout: TIMEOUT_MS })
      .toMatchObject({ status: "offline" });
    const { last_seen_at } = await presenceOf(bob.user_id, alice);
    expect(last_seen_at).toBeGreaterThanOrEqual(before);
    expect(last_seen_at).toBeLessThanOrEqual(Date.now());
  });

  it(
    "[PRES-1] ends without a heartbeat, and says when the user was last seen",
    async () => {
      const { alice, bob } = await beginPair(server.url);
      await befriend(alice, bob);
      const before = Date.now();
      const [silent, alive] = [await bob.connectDevice(), await alice.connectDevice()];
      const connected = Date.now();
      const stop = keepAlive([alive]);
      try {
        await silent.closed;
        const { status, last_seen_at } = await presenceOf(bob.user_id, alice);
        expect(status).toBe("offline");
        expect(last_seen_at).toBeGreaterThanOrEqual(before);
        expect(last_seen_at).toBeLessThanOrEqual(connected + TIMEOUT_MS);
        expect(await presenceOf(alice.user_id, bob)).toMatchObject({ status: "online" });
      } finally {
        stop();
      }
    },
    GENEROUS_MS,
  );
});
