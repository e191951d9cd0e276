import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLOSE } from "../../src/protocol/close-codes.ts";
import type { Session, SocketOptions } from "../support/server/client.ts";
import { Neighbours } from "../support/server/neighbours.ts";
import { beginPair } from "../support/server/pair.ts";
import { Reader, receivedSeqs, runsOf } from "../support/server/reader.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";
import { refusalOf } from "../support/server/upgrade-refused.ts";

/**
 * Long, since the kernel's buffers on the way take some megabytes before anything waits in the server; and random, since
 * frames are compressed.
 */
const content = () => randomBytes(75_000).toString("base64");
const MAX_MESSAGES = 1_000;
const PAUSE_MS = 5;
/** Who leave, each cut with more than 8 MiB, more than a user may. */
const SLOW_DEVICES = ["1", "2", "3", "4"];

let server: TestServer;
let neighbours: Neighbours;

beforeAll(async () => {
  server = await startTestServer({ vars: { SYNC_PUSH_LIMIT: String(MAX_MESSAGES) } });
  neighbours = await Neighbours.begin(server.url);
});

afterAll(async () => {
  // In order it would wait for the sockets that are open.
  await server.kill("SIGKILL");
  await server.stop();
});

/** Who leave by themselves. */
const LEAVING_DEVICES = ["1", "2", "3", "4", "5", "6"];

const cuts = () => server.log().split("a slow reader was cut").length - 1;

/** Sends until the server has cut the readers that take nothing. Answers how many messages that took. */
async function sendUntilCut(sender: TestSocket, conversation_id: string, readers = 1): Promise<number> {
  const before = cuts();
  for (let count = 1; count <= MAX_MESSAGES; count++) {
    await sender.sent(sender.sendMessage(conversation_id, content()));
    if (cuts() >= before + readers) return count;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`who took nothing of ${MAX_MESSAGES} messages was not cut`);
}

type Connect = (session: Session, conversation_id: string, options?: SocketOptions) => Promise<TestSocket>;

const KINDS: [string, Connect][] = [
  ["device socket", (session, _, options) => session.connectDevice(options)],
  [
    "conversation socket",
    (session, conversation_id, options) => session.connectConversation(conversation_id, options),
  ],
];

describe("a slow reader", () => {
  it.each(KINDS)("[DLV-1] [SEQ-2] on a %s is cut with 4002 and loses nothing", async (_, connect) => {
    const { alice, bob, conversation_id } = await beginPair(server.url);
    const slow = await connect(bob, conversation_id);
    const sender = await alice.connectDevice();
    slow.raw.pause();
    const count = await sendUntilCut(sender, conversation_id);
    await neighbours.talkOn();

    // It reads on: what was on its way, in order, then the Close frame.
    slow.raw.resume();
    expect((await slow.closed).code).toBe(CLOSE.slow_reader);
    const taken = receivedSeqs(slow, conversation_id);
    expect(taken.length).toBeLessThan(count);
    expect(runsOf(taken)).toBe(`1-${taken.length}`);

    const reader = new Reader(bob, conversation_id);
    const again = await reader.connect();
    await reader.until(({ size }) => size === count, 30_000);
    expect(runsOf(reader.list().map(({ seq }) => seq))).toBe(`1-${count}`);
    expect((await bob.inboxRow(conversation_id)).unread_count).toBe(count);
    await Promise.all([again.close(1000), sender.close(1000)]);
  });

  it.each(KINDS)(
    "[LIM-1] [LIM-2] may not open another %s while it leaves much unread on others",
    async (_, connect) => {
      const { alice, bob, conversation_id } = await beginPair(server.url);
      const connectAs = (device_id: string) => connect(bob, conversation_id, { device_id });
      const slow = await Promise.all(SLOW_DEVICES.map(connectAs));
      const sender = await alice.connectDevice();
      for (const { raw } of slow) raw.pause();
      await sendUntilCut(sender, conversation_id, slow.length);

      const { problem } = await refusalOf(connectAs("another"));
      expect(problem.code).toBe("rate_limited");
      expect(problem.retry_after_ms).toBeGreaterThan(0);
      await connect(alice, conversation_id).then((socket) => socket.close(1000));

      // One connection breaks, the others read on: nothing is held for it any more.
      for (const { raw } of slow.slice(1)) raw.resume();
      slow[0]?.raw.terminate();
      await Promise.all(slow.map(({ closed }) => closed));
      const opened = () => connectAs("another").then((socket) => socket.close(1000));
      await expect.poll(opened).toMatchObject({ code: 1000 });
      await sender.close(1000);
    },
  );

  it("[LIM-1] may not open another when it has closed them itself, and they are unread", async () => {
    const { alice, bob, conversation_id } = await beginPair(server.url);
    const connectAs = (device_id: string) => bob.connectConversation(conversation_id, { device_id });
    const slow = await Promise.all(LEAVING_DEVICES.map(connectAs));
    const sender = await alice.connectDevice();
    for (const { raw } of slow) raw.pause();
    await sendUntilCut(sender, conversation_id);
    // They read no Close frame either, and the server is to hear theirs.
    for (const { raw } of slow) raw.close(1000);
    const opened = () => connectAs("another").then((socket) => socket.close(1000));
    await expect.poll(() => opened().catch(String)).toContain("429");
    for (const { raw } of slow) raw.terminate();
    await sender.close(1000);
  });
});
