import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { register, type Session } from "../support/server/client.ts";
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
}

async function beginTalk(): Promise<Talk> {
  const [sender, receiver] = await Promise.all([register(server.url), register(server.url)]);
  const { conversation_id } = await sender.createOneOnOne(receiver.user_id);
  return { conversation_id, sender, receiver };
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

describe("SIGKILL in the middle of 1,000 sends", () => {
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
