import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { login, register, type Session } from "../support/server/client.ts";
import { Pipeline } from "../support/server/pipeline.ts";
import { Reader, receivedSeqs, runsOf } from "../support/server/reader.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";

const MESSAGES = 1_000;
const KILL_AFTER_ACKS = 400;
/** So many are under way, in sockets and objects, when the server dies. */
const WINDOW = 256;

type Transport = "device socket" | "conversation socket";

let server: TestServer;

beforeAll(async () => {
  // Devices that were away are pushed everything.
  server = await startTestServer({ vars: { SYNC_PUSH_LIMIT: String(2 * MESSAGES) } });
});

afterAll(() => server.stop());

interface Talk {
  readonly conversation_id: string;
  readonly sender: Session;
  readonly receiver: Session;
  /** Signed in, but offline until everything is over. */
  readonly seconds: readonly { readonly name: string; readonly session: Session }[];
}

async function beginTalk(): Promise<Talk> {
  const [sender, receiver] = await Promise.all([register(server.url), register(server.url)]);
  const [senderSecond, receiverSecond] = await Promise.all([
    login(server.url, sender.account),
    login(server.url, receiver.account),
  ]);
  const { conversation_id } = await sender.createOneOnOne(receiver.user_id);
  const seconds = [
    { name: "the sender's second device", session: senderSecond },
    { name: "the receiver's second device", session: receiverSecond },
  ];
  return { conversation_id, sender, receiver, seconds };
}

function connectSender({ sender, conversation_id }: Talk, transport: Transport): Promise<TestSocket> {
  return transport === "device socket"
    ? sender.connectDevice({ batch: true })
    : sender.connectConversation(conversation_id, { batch: true });
}

/** Sends until enough is acked, kills the server there and then, and starts it again on the same data. */
async function sendUntilKilled(pipeline: Pipeline, socket: TestSocket): Promise<void> {
  let killed: Promise<void> | undefined;
  const onAck = () => {
    if (pipeline.acks.size >= KILL_AFTER_ACKS) killed ??= server.kill("SIGKILL");
  };
  await pipeline.run(socket, { window: WINDOW, onAck });
  await killed;
  expect(pipeline.acks.size).toBeGreaterThanOrEqual(KILL_AFTER_ACKS);
  expect(pipeline.acks.size).toBeLessThan(MESSAGES);
  await server.restart();
}

const positionOf = ({ seq, message_id }: { seq: number; message_id: string }) => ({ seq, message_id });

/** Every message once, as it was acked, in the order in which it was sent: in the log and on each device. */
async function checkEverything(talk: Talk, pipeline: Pipeline, reader: Reader): Promise<void> {
  const { sender, receiver, conversation_id } = talk;
  const history = await sender.wholeHistory(conversation_id);
  expect(runsOf(history.map(({ seq }) => seq))).toBe(`1-${MESSAGES}`);
  expect(history.map(({ content }) => content)).toEqual(pipeline.items.map(({ content }) => content));
  expect(history.map(positionOf)).toEqual(pipeline.ackedInOrder().map(positionOf));
  expect(await receiver.wholeHistory(conversation_id)).toEqual(history);
  expect(reader.list()).toEqual(history);
  for (const { name, session } of talk.seconds) {
    const second = new Reader(session, conversation_id);
    const socket = await second.connect({ batch: true });
    await socket.next("SYNC_COMPLETE", undefined, 20_000);
    expect(runsOf(receivedSeqs(socket, conversation_id)), name).toBe(`1-${MESSAGES}`);
    expect(second.list(), name).toEqual(history);
    await socket.close(1000);
  }
  expect((await sender.inboxRow(conversation_id)).unread_count).toBe(0);
  expect((await receiver.inboxRow(conversation_id)).unread_count).toBe(MESSAGES);
}

describe("SIGKILL in the middle of 1,000 sends", () => {
  it.each<Transport>(["device socket", "conversation socket"])(
    "[SEND-1] [IDEM-1] [DLV-1] every message is there once when the sender comes back, by %s",
    async (transport) => {
      const talk = await beginTalk();
      const reader = new Reader(talk.receiver, talk.conversation_id);
      await reader.connect();
      const pipeline = new Pipeline(talk.conversation_id, MESSAGES);
      await sendUntilKilled(pipeline, await connectSender(talk, transport));

      await reader.connect();
      const socket = await connectSender(talk, transport);
      await pipeline.run(socket, { window: WINDOW });
      await reader.until(({ size }) => size === MESSAGES, 30_000);
      for (const { arrivals } of reader.sockets)
        expect(arrivals.map(({ type }) => type)).not.toContain("SYNC_GAP");
      for (const used of reader.sockets) expectAscending(receivedSeqs(used, talk.conversation_id));
      await checkEverything(talk, pipeline, reader);
      await Promise.all([socket.close(1000), reader.sockets.at(-1)?.close(1000)]);
    },
  );

  it("[SEND-1] [DLV-1] what was acked reaches the receiver's device although nobody sends again", async () => {
    const talk = await beginTalk();
    const { conversation_id, receiver } = talk;
    const reader = new Reader(receiver, conversation_id);
    await reader.connect();
    const pipeline = new Pipeline(conversation_id, MESSAGES);
    await sendUntilKilled(pipeline, await connectSender(talk, "device socket"));

    const socket = await reader.connect();
    const acked = pipeline.ackedInOrder();
    await reader.until((messages) => acked.every(({ seq }) => messages.has(seq)), 40_000);
    for (const used of reader.sockets) expectAscending(receivedSeqs(used, conversation_id));
    const received = acked.map(({ seq }) => reader.messages.get(seq)?.message_id);
    expect(received).toEqual(acked.map(({ message_id }) => message_id));
    await socket.close(1000);
  });

  it("[SEND-1] [DLV-1] what was acked reaches the receiver's inbox although nobody comes back", async () => {
    const talk = await beginTalk();
    const pipeline = new Pipeline(talk.conversation_id, MESSAGES);
    await sendUntilKilled(pipeline, await connectSender(talk, "conversation socket"));

    // The inbox does not ask the conversation: only its alarm can bring what was committed and not handed over.
    const acked = Math.max(...pipeline.ackedInOrder().map(({ seq }) => seq));
    const inboxRow = () => talk.receiver.inboxRow(talk.conversation_id);
    await expect.poll(inboxRow, { timeout: 40_000, interval: 200 }).toSatisfy((row) => row.head_seq >= acked);
    const { head_seq, unread_count } = await inboxRow();
    expect(unread_count).toBe(head_seq);
  });
});

/** One run, wherever it begins. */
function expectAscending(seqs: readonly number[]): void {
  expect(runsOf(seqs)).toMatch(/^(\d+-\d+)?$/);
}
