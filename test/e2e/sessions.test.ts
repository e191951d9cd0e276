import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { problemSchema } from "../../src/protocol/errors.ts";
import { login, type Session } from "../support/server/client.ts";
import { beginPair, type Pair } from "../support/server/pair.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import { TestSocket } from "../support/server/test-socket.ts";
import { refusalOf } from "../support/server/upgrade-refused.ts";

/** The protocol's own bound (SEC-1). */
const CLOSED_WITHIN_MS = 1_000;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

/** Both kinds of socket of a session. */
function openSockets(session: Session, conversation_id: string): Promise<TestSocket[]> {
  return Promise.all([session.connectDevice(), session.connectConversation(conversation_id)]);
}

/** Ends sessions by `act`; each of the sockets gets its Close frame in time, from when that is answered. */
async function expectClosed(sockets: readonly TestSocket[], act: () => Promise<unknown>): Promise<void> {
  const closing = sockets.map(async (socket) => {
    await socket.closing();
    return performance.now();
  });
  await act();
  const answered_at = performance.now();
  for (const closed_at of await Promise.all(closing))
    expect(closed_at - answered_at).toBeLessThan(CLOSED_WITHIN_MS);
  for (const socket of sockets) expect((await socket.closed).code).toBe(CLOSE.session_revoked);
}

/** Every route that writes; each would succeed if the session lived. */
async function expectNoWrites(session: Session, { conversation_id, bob }: Pair): Promise<void> {
  const { password } = session.account;
  const writes: [string, string, unknown][] = [
    [
      "POST",
      `/api/conversations/${conversation_id}/messages`,
      { content: "late", client_message_id: "late" },
    ],
    ["POST", `/api/conversations/${conversation_id}/read`, { seq: 0 }],
    ["POST", "/api/conversations", { type: "one_on_one", participant_id: bob.user_id }],
    ["POST", "/api/connect", undefined],
    ["PUT", "/api/users/me", { status_text: "still here?" }],
    ["POST", "/api/auth/password", { current_password: password, new_password: `${password} 2` }],
  ];
  for (const [method, path, body] of writes) {
    const answer = await session.request(method, path, body);
    expect(answer.status, `${method} ${path}`).toBe(401);
    expect(problemSchema.parse(answer.body).code, `${method} ${path}`).toBe("session_revoked");
  }
  const refusals = await Promise.all([
    refusalOf(session.connectDevice({ via: "token" })),
    refusalOf(session.connectConversation(conversation_id, { via: "token" })),
  ]);
  for (const { status, problem } of refusals)
    expect([status, problem.code]).toEqual([401, "session_revoked"]);
}

describe("the end of a session", () => {
  it("[SEC-1] revoking closes its sockets within 1 s, and its token stops working at once on writes", async () => {
    const pair = await beginPair(server.url);
    const { alice, bob, conversation_id } = pair;
    const stolen = await login(server.url, alice.account);
    const staying = await openSockets(alice, conversation_id);
    await expectClosed(await openSockets(stolen, conversation_id), async () => {
      const answer = await alice.request("DELETE", `/api/auth/sessions/${stolen.session_id}`);
      expect(answer.status).toBe(204);
    });
    await expectNoWrites(stolen, pair);
    for (const socket of staying) {
      expect(socket.isOpen).toBe(true);
      await socket.sent(socket.sendMessage(conversation_id, "I am still here"));
      await socket.close(1000);
    }
    expect((await bob.history(conversation_id)).items.map(({ content }) => content)).toEqual([
      "I am still here",
      "I am still here",
    ]);
  });

  it("[SEC-1] a ticket of a session that has ended opens nothing", async () => {
    const { alice } = await beginPair(server.url);
    const ticket = await alice.ticket();
    const other = await login(server.url, alice.account);
    await other.request("DELETE", `/api/auth/sessions/${alice.session_id}`);
    const url = `${server.url.replace("http", "ws")}/ws?ticket=${ticket}`;
    expect((await refusalOf(TestSocket.open(url))).problem.code).toBe("unauthenticated");
  });

  it("[SEC-1] a changed password ends the other sessions, and not the one that changed it", async () => {
    const pair = await beginPair(server.url);
    const { alice, conversation_id } = pair;
    const other = await login(server.url, alice.account);
    const staying = await openSockets(alice, conversation_id);
    await expectClosed(await openSockets(other, conversation_id), async () => {
      const { password } = alice.account;
      const body = { current_password: password, new_password: `new ${password}` };
      expect((await alice.request("POST", "/api/auth/password", body)).status).toBe(204);
    });
    await expectNoWrites(other, pair);
    for (const socket of staying) {
      await socket.sent(socket.sendMessage(conversation_id, "a new password"));
      await socket.close(1000);
    }
    await expect(login(server.url, alice.account)).rejects.toMatchObject({ code: "invalid_credentials" });
    await login(server.url, { ...alice.account, password: `new ${alice.account.password}` });
  });

  it("[SEC-1] logging out closes the session's own sockets", async () => {
    const pair = await beginPair(server.url);
    const { alice, conversation_id } = pair;
    await expectClosed(await openSockets(alice, conversation_id), async () => {
      expect((await alice.request("POST", "/api/auth/logout")).status).toBe(204);
    });
    await expectNoWrites(alice, pair);
  });
});
