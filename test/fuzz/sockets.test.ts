import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Session } from "../support/server/client.ts";
import { Neighbours } from "../support/server/neighbours.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";
import { Attacker } from "./attacker.ts";
import { CASES, SEED, TIMEOUT_MS } from "./budget.ts";
import { FuzzSocket } from "./fuzz-socket.ts";
import { messagesOf } from "./messages.ts";
import { fillIn, KNOWN } from "./placeholders.ts";
import { expectQuietLog } from "./server-log.ts";

/** The routes take the other half; each of three kinds a third of these. */
const MESSAGES = Math.ceil(CASES / 6);
/** On average; fewer when a failure is made smaller. */
const AT_ONCE = 10;
const NEIGHBOURS_EVERY = 50;

let server: TestServer;
let neighbours: Neighbours;
let attacker: Attacker;

beforeAll(async () => {
  // The neighbours send no heartbeats, and a long run outlasts the timeout.
  server = await startTestServer({ vars: { HEARTBEAT_TIMEOUT_MS: "36000000" } });
  [neighbours, attacker] = await Promise.all([Neighbours.begin(server.url), Attacker.begin(server.url)]);
});

afterAll(async () => {
  attacker.stop();
  await server.stop();
});

const KINDS: [string, (session: Session, conversation_id: string) => Promise<TestSocket>][] = [
  ["device socket", (session) => session.connectDevice({ batch: true })],
  ["device socket without batches", (session) => session.connectDevice()],
  ["conversation socket", (session, id) => session.connectConversation(id, { batch: true })],
];

const anything: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { arbitrary: messagesOf(KNOWN), weight: 19 },
  { arbitrary: fc.uint8Array({ maxLength: 64 }), weight: 1 },
);

const several = fc.array(anything, { minLength: 1, maxLength: 2 * AT_ONCE - 1, size: "max" });

describe("every frame", () => {
  it.each(KINDS)(
    "[SEND-4] is answered, whatever is in it, and nobody else notices: on a %s",
    async (_, connect) => {
      const { session, belongings } = attacker;
      const socket = new FuzzSocket(() => connect(session, belongings.conversation_id));
      const filled = (message: string | Uint8Array) =>
        typeof message === "string" ? fillIn(message, belongings) : message;
      const headSeq = async () => (await session.history(belongings.conversation_id, "limit=1")).head_seq;
      const before = await headSeq();
      let count = 0;
      await fc.assert(
        fc.asyncProperty(several, async (messages) => {
          await socket.send(messages.map(filled));
          if (++count % NEIGHBOURS_EVERY === 0) await neighbours.talkOn();
        }),
        { numRuns: Math.ceil(MESSAGES / AT_ONCE), seed: SEED },
      );
      await socket.close();
      await neighbours.talkOn();
      expectQuietLog(server.log());
      // Among all that was refused there were messages that were not.
      expect((await headSeq()) - before).toBeGreaterThan(MESSAGES / 100);
    },
    TIMEOUT_MS,
  );
});
