import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import { problemSchema } from "../../src/protocol/errors.ts";
import {
  type Answer,
  login,
  RequestRefused,
  register,
  request,
  type Session,
} from "../support/server/client.ts";
import { beginPair } from "../support/server/pair.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";
import { UpgradeRefused } from "../support/server/upgrade-refused.ts";

/** As in wrangler.toml; only what counts by address stays raised, since the suite has but one. */
const MESSAGES_PER_MINUTE = 100;
const CONNECTIONS_PER_MINUTE = 10;
const REQUESTS_PER_SECOND = 10;
const REQUESTS_BURST = 40;
const FRAMES_PER_SECOND = 100;
const FRAMES_BURST = 1_000;
const AUTH_ATTEMPTS = 5;
const MINUTE_MS = 60_000;
let server: TestServer;

beforeAll(async () => {
  const limits = {
    MESSAGES_PER_MINUTE,
    CONNECTIONS_PER_MINUTE_PER_USER: CONNECTIONS_PER_MINUTE,
    REQUESTS_PER_SECOND,
    REQUESTS_BURST,
    FRAMES_PER_SECOND,
    FRAMES_BURST,
    AUTH_ATTEMPTS_PER_5_MINUTES: AUTH_ATTEMPTS,
  };
  const vars = Object.fromEntries(Object.entries(limits).map(([name, value]) => [name, String(value)]));
  server = await startTestServer({ vars });
});

afterAll(() => server.stop());

interface Outcome {
  readonly accepted: boolean;
  readonly retry_after_ms: number | undefined;
}

type Send = () => Promise<Outcome>;
const accepted: Outcome = { accepted: true, retry_after_ms: undefined };

function refusedOutcome(code: string | undefined, retry_after_ms: number | undefined): Outcome {
  expect(code).toBe("rate_limited");
  return { accepted: false, retry_after_ms };
}

function overSocket(socket: TestSocket, conversation_id: string): Send {
  return async () => {
    const client_message_id = socket.sendMessage(conversation_id, "counted");
    const error = socket.next(
      "ERROR",
      ({ payload }) => payload.details?.client_message_id === client_message_id,
    );
    const ack = socket.sent(client_message_id).then(() => accepted);
    const refusal = error.then(({ payload }) => refusedOutcome(payload.code, payload.retry_after_ms));
    return Promise.any([ack, refusal]);
  };
}

function overHttp(session: Session, conversation_id: string): Send {
  return async () => {
    try {
      await session.send(conversation_id, "counted");
      return accepted;
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      return refusedOutcome(error.code, error.problem?.retry_after_ms);
    }
  };
}

function times<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, make));
}

/** What a bucket of `capacity` may have refilled since `begin` (`performance.now()`). */
function refilled(begin: number, capacity: number, per_ms: number): number {
  return Math.floor(((performance.now() - begin) * capacity) / per_ms);
}

/** Every way to send that one user has: two devices, two conversations, sockets and HTTP. */
async function waysToSend() {
  const { alice, conversation_id: first } = await beginPair(server.url);
  const { bob: carol } = await beginPair(server.url);
  const { conversation_id: second } = await alice.createOneOnOne(carol.user_id);
  const laptop = await login(server.url, alice.account);
  const device = await laptop.connectDevice();
  const onFirst = await alice.connectConversation(first);
  const onSecond = await alice.connectConversation(second);
  return {
    ways: [
      overSocket(device, second),
      overSocket(onFirst, first),
      overSocket(onSecond, second),
      overHttp(alice, first),
      overHttp(laptop, second),
    ],
    sessions: [alice, laptop],
    conversation_ids: [first, second],
    close: () => Promise.all([device, onFirst, onSecond].map((socket) => socket.close(1000))),
  };
}

describe("messages", () => {
  it.each(["all at once", "one after the other"])(
    "[LIM-1] [LIM-2] 100 in a minute over all transports, %s",
    async (how) => {
      const { ways, sessions, conversation_ids, close } = await waysToSend();
      const begin = performance.now();
      const share = MESSAGES_PER_MINUTE / ways.length;
      const sendShare = (send: Send) => times(share, send);
      const outcomes =
        how === "all at once"
          ? (await Promise.all(ways.map(sendShare))).flat()
          : (await inTurn(ways.map((send) => () => sendShare(send)))).flat();
      expect(outcomes.filter((outcome) => outcome.accepted)).toHaveLength(MESSAGES_PER_MINUTE);

      let more = 0;
      for (const send of ways) {
        let outcome = await send();
        // While this ran, the bucket refilled a little.
        while (outcome.accepted && more < MESSAGES_PER_MINUTE) {
          more++;
          outcome = await send();
        }
        expect(outcome.accepted).toBe(false);
        expect(outcome.retry_after_ms).toBeGreaterThan(0);
        expect(outcome.retry_after_ms).toBeLessThanOrEqual(MINUTE_MS / MESSAGES_PER_MINUTE);
      }
      expect(more).toBeLessThanOrEqual(refilled(begin, MESSAGES_PER_MINUTE, MINUTE_MS));
      // What was refused left no trace.
      const heads = conversation_ids.map(async (id) => (await sessions[0]?.history(id))?.head_seq ?? 0);
      expect((await Promise.all(heads)).reduce((sum, head) => sum + head, 0)).toBe(
        MESSAGES_PER_MINUTE + more,
      );
      await close();
    },
  );

  it("[LIM-1] [LIM-2] what a conversation refuses costs no message; it is asked as often as there are requests", async () => {
    const begin = performance.now();
    const { alice, conversation_id } = await beginPair(server.url);
    const { conversation_id: foreign } = await beginPair(server.url);
    const device = await alice.connectDevice();
    for (let attempt = 0; attempt < CONNECTIONS_PER_MINUTE + 2; attempt++) {
      await expect(alice.connectConversation(foreign, { via: "token" })).rejects.toMatchObject({
        status: 404,
      });
    }
    for (let attempt = 0; attempt < 400; attempt++) device.sendMessage(foreign, "not mine");
    await device.until("ERROR", 400);
    const codes = device.all("ERROR").map(({ payload }) => payload.code);
    expect(new Set(codes)).toEqual(new Set(["conversation_not_found", "rate_limited"]));
    const asked = codes.filter((code) => code === "conversation_not_found").length;
    const requests = REQUESTS_BURST + refilled(begin, REQUESTS_PER_SECOND, 1_000);
    expect(asked).toBeLessThanOrEqual(requests);
    const outcomes = await times(MESSAGES_PER_MINUTE, overSocket(device, conversation_id));
    expect(outcomes.filter((outcome) => outcome.accepted)).toHaveLength(MESSAGES_PER_MINUTE);
    await device.close(1000);
  });
});

describe("connections", () => {
  it("[LIM-1] [LIM-2] ten in a minute over devices and both kinds of socket", async () => {
    const { alice, conversation_id } = await beginPair(server.url);
    const laptop = await login(server.url, alice.account);
    const begin = performance.now();
    const connects = [
      () => alice.connectDevice({ via: "token" }),
      () => laptop.connectDevice({ via: "token" }),
      () => alice.connectConversation(conversation_id, { via: "token" }),
    ];
    const opened: TestSocket[] = [];
    while (opened.length < CONNECTIONS_PER_MINUTE) {
      for (const connect of connects.slice(0, CONNECTIONS_PER_MINUTE - opened.length))
        opened.push(await connect());
    }
    const refusals: UpgradeRefused[] = [];
    for (const connect of connects) {
      const more = await untilRefused(connect);
      opened.push(...more.opened);
      refusals.push(more.refusal);
    }
    const most = CONNECTIONS_PER_MINUTE + refilled(begin, CONNECTIONS_PER_MINUTE, MINUTE_MS);
    expect(opened.length).toBeLessThanOrEqual(most);
    for (const { status, headers, problem } of refusals) {
      expect([status, problem.code]).toEqual([429, "rate_limited"]);
      expect(problem.retry_after_ms).toBeLessThanOrEqual(MINUTE_MS / CONNECTIONS_PER_MINUTE);
      expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
    }
    for (const socket of opened) socket.raw.terminate();
  });
});

describe("frames", () => {
  it.each(["device", "conversation"])(
    "[LIM-1] a burst of 1,000 over a %s socket, then 4003",
    async (kind) => {
      const { alice, conversation_id } = await beginPair(server.url);
      const connect = () =>
        kind === "device" ? alice.connectDevice() : alice.connectConversation(conversation_id);
      const socket = await connect();
      const begin = performance.now();
      // Heard before the flood: on a socket that is closed nobody is told any more.
      const { seq } = await socket.sent(socket.sendMessage(conversation_id, "before"));
      for (let count = 0; count < 2 * FRAMES_BURST; count++)
        socket.sendRaw(`{"type":"HEARTBEAT_PING","request_id":"${count}"}`);
      expect((await socket.closed).code).toBe(CLOSE.too_many_frames);
      const pongs = socket.all("HEARTBEAT_PONG").length;
      expect(pongs).toBeGreaterThanOrEqual(FRAMES_BURST - 1);
      expect(pongs).toBeLessThanOrEqual(FRAMES_BURST + refilled(begin, FRAMES_PER_SECOND, 1_000));
      expect((await alice.history(conversation_id)).head_seq).toBe(seq);
      // A close whose client comes back: it is let in, and heard as far as its frames have refilled.
      const again = await connect();
      await again.close(1000);
    },
  );
});

describe("requests", () => {
  it("[LIM-1] [LIM-2] a burst of 40 per session, then as many as refill", async () => {
    const session = await register(server.url);
    const begin = performance.now();
    const answers = await times(REQUESTS_BURST + 20, () => session.request("GET", "/api/users/me"));
    const passed = answers.filter(({ status }) => status === 200);
    const most = REQUESTS_BURST + refilled(begin, REQUESTS_PER_SECOND, 1_000);
    expect(passed.length).toBeGreaterThanOrEqual(REQUESTS_BURST);
    expect(passed.length).toBeLessThanOrEqual(most);
    for (const answer of answers.filter(({ status }) => status !== 200)) expectLimited(answer);
    // The burst is the session's own.
    const other = await login(server.url, session.account);
    expect((await other.request("GET", "/api/users/me")).status).toBe(200);
  });
});

describe("sign-in attempts", () => {
  it("[LIM-1] [LIM-2] five for an account, and then not even with the right password", async () => {
    const [{ account }, neighbour] = await Promise.all([register(server.url), register(server.url)]);
    const attempt = (password: string) =>
      request(server.url, "POST", "/api/auth/login", { body: { username: account.username, password } });
    const failures = await inTurn(
      Array.from({ length: AUTH_ATTEMPTS }, () => () => attempt("wrong password")),
    );
    expect(failures.map(({ status }) => status)).toEqual(Array(AUTH_ATTEMPTS).fill(401));
    expectLimited(await attempt("wrong password"));
    expectLimited(await attempt(account.password));
    await login(server.url, neighbour.account);
  });
});

function expectLimited({ status, headers, body }: Answer): void {
  const { code, retry_after_ms = 0 } = problemSchema.parse(body);
  expect([status, code]).toEqual([429, "rate_limited"]);
  expect(retry_after_ms).toBeGreaterThan(0);
  expect(headers.get("Retry-After")).toBe(String(Math.ceil(retry_after_ms / 1_000)));
}

async function untilRefused(connect: () => Promise<TestSocket>) {
  const opened: TestSocket[] = [];
  for (;;) {
    try {
      opened.push(await connect());
    } catch (error) {
      if (!(error instanceof UpgradeRefused)) throw error;
      return { opened, refusal: error };
    }
    if (opened.length > CONNECTIONS_PER_MINUTE) throw new Error("there is no limit");
  }
}

async function inTurn<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  for (const task of tasks) results.push(await task());
  return results;
}
