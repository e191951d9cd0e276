import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Neighbours } from "../support/server/neighbours.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import { Promised } from "./answers.ts";
import { readApiDocument } from "./api-document.ts";
import { Attacker } from "./attacker.ts";
import { CASES, SEED, TIMEOUT_MS } from "./budget.ts";
import { type FuzzRequest, requestsOf } from "./requests.ts";
import { expectQuietLog } from "./server-log.ts";

/** The sockets take the other half. */
const REQUESTS = Math.ceil(CASES / 2);
const MAX_BODY_BYTES = 512 * 1024;
const NEIGHBOURS_EVERY = 250;

let server: TestServer;
let neighbours: Neighbours;
let attacker: Attacker;

beforeAll(async () => {
  // The neighbours send no heartbeats, and a long run outlasts the timeout; the attacker says the same wherever it begins anew.
  const vars = { HEARTBEAT_TIMEOUT_MS: "36000000", CONVERSATIONS_PER_TEXT: "1000000" };
  server = await startTestServer({ vars });
  [neighbours, attacker] = await Promise.all([Neighbours.begin(server.url), Attacker.begin(server.url)]);
});

afterAll(async () => {
  attacker.stop();
  await server.stop();
});

/** A body over the limit may be turned away before it has come in whole: the connection then ends under the client. */
function cutOff(error: NodeJS.ErrnoException, { body }: FuzzRequest): null {
  const isTooLong = Buffer.byteLength(body ?? "") > MAX_BODY_BYTES;
  if (isTooLong && (error.code === "EPIPE" || error.code === "ECONNRESET")) return null;
  throw error;
}

describe("every route", () => {
  it(
    "[SEND-4] answers whatever comes as its document says, and nobody else notices",
    async () => {
      const { operations, document } = await readApiDocument(server.url);
      const promised = new Promised(operations, document);
      const answered = new Map(
        operations.map(({ method, path }) => [`${method} ${path}`, new Map<number, number>()]),
      );
      let count = 0;
      await fc.assert(
        fc.asyncProperty(requestsOf(operations, document), async (request) => {
          const answer = await attacker.send(request).catch((error) => cutOff(error, request));
          if (!answer) return;
          promised.check(request.route, answer);
          const statuses = answered.get(request.route);
          statuses?.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          if (answer.status === 401 && request.headers.Authorization === "Bearer {{access_token}}")
            await attacker.renew();
          else if (answer.status === 204 && request.route.includes("/conversations/"))
            await attacker.renewConversations();
          if (++count % NEIGHBOURS_EVERY === 0) await neighbours.talkOn();
        }),
        { numRuns: REQUESTS, seed: SEED },
      );
      await neighbours.talkOn();
      expectQuietLog(server.log());
      const lines = [...answered].map(
        ([route, statuses]) =>
          `${route}: ${[...statuses]
            .sort()
            .map(([status, times]) => `${status} × ${times}`)
            .join(", ")}`,
      );
      console.log(`${count} requests\n${lines.join("\n")}`);
      // A route that never got past its guards was not tried.
      const reached = [...answered.values()].filter((statuses) =>
        [...statuses.keys()].some((status) => status < 300),
      );
      expect(reached.length).toBeGreaterThan(operations.length / 2);
    },
    TIMEOUT_MS,
  );
});
