import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Session } from "../support/server/client.ts";
import { Neighbours } from "../support/server/neighbours.ts";
import { beginPair } from "../support/server/pair.ts";
import { Pipeline } from "../support/server/pipeline.ts";
import { receivedSeqs, runsOf } from "../support/server/reader.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";

const PIPELINED = 200;
const MANY = 2_000;
const MANY_TIMEOUT_MS = 30_000;

let server: TestServer;
let neighbours: Neighbours;

beforeAll(async () => {
  server = await startTestServer({ vars: { SYNC_PUSH_LIMIT: String(MANY) } });
  neighbours = await Neighbours.begin(server.url);
});

afterEach(() => neighbours.talkOn());

afterAll(() => server.stop());

const KINDS: [string, (session: Session, conversation_id: string) => Promise<TestSocket>][] = [
  ["device socket", (session) => session.connectDevice()],
  ["conversation socket", (session, conversation_id) => session.connectConversation(conversation_id)],
];

describe.each(KINDS)("on a %s", (_, connect) => {
  it("[SEQ-1] [SEND-1] 200 sends in one TCP segment are all acked, in order and without a hole", async () => {
    const { alice, bob, conversation_id } = await beginPair(server.url);
    const [socket, listener] = [await connect(alice, conversation_id), await bob.connectDevice()];
    const ids = Array.from({ length: PIPELINED }, () => randomUUID());
    const frames = ids.map((client_message_id) =>
      JSON.stringify({
        type: "MESSAGE_SEND",
        payload: { conversation_id, client_message_id, content: "one of many" },
      }),
    );
    socket.sendTogether(frames);
    const acks = (await socket.until("MESSAGE_ACK", PIPELINED)).map(({ payload }) => payload);
    expect(acks.map((ack) => ack.status === "sent" && ack.client_message_id)).toEqual(ids);
    expect(runsOf(acks.map(({ seq }) => seq))).toBe(`1-${PIPELINED}`);
    expect(socket.all("ERROR")).toEqual([]);
    // Behind it nothing comes any more, not even what was there before.
    const { seq } = await alice.send(conversation_id, "the last");
    await listener.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === seq);
    expect(runsOf(receivedSeqs(listener, conversation_id))).toBe(`1-${PIPELINED + 1}`);
    await Promise.all([socket.close(1000), listener.close(1000)]);
  });

  it("[IDEM-1] the same send 200 times over makes one message", async () => {
    const { alice, bob, conversation_id } = await beginPair(server.url);
    const socket = await connect(alice, conversation_id);
    const payload = { conversation_id, client_message_id: "again", content: "once" };
    socket.sendTogether(Array(PIPELINED).fill(JSON.stringify({ type: "MESSAGE_SEND", payload })));
    const acks = await socket.until("MESSAGE_ACK", PIPELINED);
    expect(new Set(acks.map(({ payload: { seq } }) => seq))).toEqual(new Set([1]));
    const originals = acks.filter((ack) => ack.payload.status === "sent" && !ack.payload.duplicate);
    expect(originals).toHaveLength(1);
    expect((await bob.history(conversation_id)).items).toHaveLength(1);
    expect((await bob.inboxRow(conversation_id)).unread_count).toBe(1);
    await socket.close(1000);
  });

  it("a close without a code completes, and so does one with", async () => {
    const { alice, conversation_id } = await beginPair(server.url);
    for (const code of [undefined, 1000, 1001, 3000, 4999]) {
      const socket = await connect(alice, conversation_id);
      // 1006 would mean that the server never answered.
      expect([1000, 1001, 1005, 3000, 4999]).toContain((await socket.close(code)).code);
    }
  });

  it("a client that vanishes, again and again, leaves its user and its conversation in order", async () => {
    const { alice, bob, conversation_id } = await beginPair(server.url);
    const listener = await bob.connectDevice();
    for (let attempt = 1; attempt <= 10; attempt++) {
      const socket = await connect(alice, conversation_id);
      await socket.sent(socket.sendMessage(conversation_id, `attempt ${attempt}`));
      socket.sendMessage(conversation_id, "perhaps");
      socket.raw.terminate();
      await socket.closed;
    }
    const { seq } = await alice.send(conversation_id, "the last");
    await listener.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === seq);
    expect(runsOf(receivedSeqs(listener, conversation_id))).toBe(`1-${seq}`);
    await listener.close(1000);
  });
});

describe("a reader", () => {
  it("[DLV-1] that never acks gets everything, and everything again when it comes back", async () => {
    const { alice, bob, conversation_id } = await beginPair(server.url);
    const sender = await alice.connectDevice();
    const pipeline = new Pipeline(conversation_id, PIPELINED);
    for (let visit = 1; visit <= 3; visit++) {
      const silent = await bob.connectDevice();
      if (visit === 1) await pipeline.run(sender);
      await silent.until("MESSAGE_RECEIVE", PIPELINED);
      if (visit > 1) await silent.next("SYNC_COMPLETE");
      expect(runsOf(receivedSeqs(silent, conversation_id))).toBe(`1-${PIPELINED}`);
      await silent.close(1000);
    }
    const row = await bob.inboxRow(conversation_id);
    expect(row).toMatchObject({ unread_count: PIPELINED, head_seq: PIPELINED });
    await sender.close(1000);
  });

  it.each(KINDS)(
    "[SEQ-2] that does not read while 2,000 messages come gets all of them in order, on a %s",
    async (_, connect) => {
      const { alice, bob, conversation_id } = await beginPair(server.url);
      const slow = await connect(bob, conversation_id);
      const sender = await alice.connectDevice({ batch: true });
      slow.raw.pause();
      const pipeline = new Pipeline(
        conversation_id,
        MANY,
        "long enough to fill the buffers on the way ".repeat(20),
      );
      await pipeline.run(sender, { window: 500 });
      expect(receivedSeqs(slow, conversation_id).length).toBeLessThan(MANY);
      // The sender and the rest of the world do not wait for the slow one.
      await neighbours.talkOn();
      slow.raw.resume();
      await slow.until("MESSAGE_RECEIVE", MANY, MANY_TIMEOUT_MS);
      expect(runsOf(receivedSeqs(slow, conversation_id))).toBe(`1-${MANY}`);
      await Promise.all([slow.close(1000), sender.close(1000)]);
    },
  );
});
