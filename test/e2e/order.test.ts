import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { login, register, type Session } from "../support/server/client.ts";
import { beginPair } from "../support/server/pair.ts";
import { Pipeline } from "../support/server/pipeline.ts";
import { receivedSeqs, runsOf } from "../support/server/reader.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";

const SENDERS = 5;
/** Over each of a sender's two sockets. */
const MESSAGES = 40;
const TOTAL = SENDERS * 2 * MESSAGES;
const WINDOW = 8;
const TIMEOUT_MS = 20_000;
/** Enough to go on while a device comes and goes. */
const TRAFFIC = 2_000;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ vars: { SYNC_PUSH_LIMIT: String(TRAFFIC) } });
});

afterAll(() => server.stop());

interface Participant {
  readonly session: Session;
  readonly device: TestSocket;
  readonly onScreen: TestSocket;
  readonly fromDevice: Pipeline;
  readonly fromScreen: Pipeline;
}

async function join(session: Session, conversation_id: string, batch: boolean): Promise<Participant> {
  return {
    session,
    device: await session.connectDevice({ batch }),
    onScreen: await session.connectConversation(conversation_id, { batch }),
    fromDevice: new Pipeline(conversation_id, MESSAGES, `${session.account.username} by device`),
    fromScreen: new Pipeline(conversation_id, MESSAGES, `${session.account.username} on screen`),
  };
}

const seqsOf = (pipeline: Pipeline) => pipeline.ackedInOrder().map(({ seq }) => seq);
const ascending = (seqs: readonly number[]) => [...seqs].sort((left, right) => left - right);

/** All of the conversation but these. */
function without(own: readonly number[]): number[] {
  const left = new Set(Array.from({ length: TOTAL }, (_, index) => index + 1));
  for (const seq of own) left.delete(seq);
  return [...left];
}

describe("five people talk at once, each over a device socket and a conversation socket", () => {
  it("[SEQ-1] [SEQ-2] every socket gets every entry of the others once, ascending", async () => {
    const sessions = await Promise.all(Array.from({ length: SENDERS }, () => register(server.url)));
    const [owner, ...others] = sessions;
    if (!owner) throw new Error("nobody is there");
    const listener = await register(server.url);
    const { conversation_id } = await owner.createGroup(
      "five at once",
      [...others, listener].map(({ user_id }) => user_id),
    );
    const people = await Promise.all(
      sessions.map((session, index) => join(session, conversation_id, index % 2 === 0)),
    );

    await Promise.all(
      people.flatMap(({ device, onScreen, fromDevice, fromScreen }) => [
        fromDevice.run(device, { window: WINDOW }),
        fromScreen.run(onScreen, { window: WINDOW }),
      ]),
    );

    // Behind it nothing comes any more, not even what was there before.
    const { seq: last } = await listener.send(conversation_id, "the last");
    const all = people.flatMap(({ fromDevice, fromScreen }) => [
      ...seqsOf(fromDevice),
      ...seqsOf(fromScreen),
    ]);
    expect(runsOf(ascending(all))).toBe(`1-${TOTAL}`);
    for (const { device, onScreen, fromDevice, fromScreen } of people) {
      // What one pipeline sent stays in its order.
      expect(seqsOf(fromDevice)).toEqual(ascending(seqsOf(fromDevice)));
      expect(seqsOf(fromScreen)).toEqual(ascending(seqsOf(fromScreen)));
      const toDevice = without([...seqsOf(fromDevice), ...seqsOf(fromScreen)]);
      const toScreen = without(seqsOf(fromScreen));
      for (const socket of [device, onScreen])
        await socket.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === last, TIMEOUT_MS);
      expect(receivedSeqs(device, conversation_id)).toEqual([...toDevice, last]);
      expect(receivedSeqs(onScreen, conversation_id)).toEqual([...toScreen, last]);
      expect(runsOf(inOrderOfArrival(onScreen))).toBe(`1-${last}`);
    }
    const history = await owner.wholeHistory(conversation_id);
    expect(runsOf(history.map(({ seq }) => seq))).toBe(`1-${last}`);
    await Promise.all(people.flatMap(({ device, onScreen }) => [device.close(1000), onScreen.close(1000)]));
  });
});

/** On a conversation socket a sender's acks stand in the order of the log among what it receives. */
function inOrderOfArrival(socket: TestSocket): number[] {
  return socket.arrivals.flatMap((frame) => {
    if (frame.type === "MESSAGE_RECEIVE") return [frame.payload.seq];
    return frame.type === "MESSAGE_ACK" && frame.payload.status === "sent" ? [frame.payload.seq] : [];
  });
}

describe("a device that comes and goes while the other talks, and never acks", () => {
  it("[SEQ-2] [DLV-1] gets everything from the first on each time, the new behind the old", async () => {
    const { alice, bob, conversation_id } = await beginPair(server.url);
    const sender = await alice.connectDevice({ batch: true });
    const pipeline = new Pipeline(conversation_id, TRAFFIC);
    const sending = pipeline.run(sender, { window: 4 * WINDOW });
    for (let visit = 1; pipeline.acks.size < TRAFFIC; visit++) {
      const socket = await bob.connectDevice({ batch: visit % 2 === 0 });
      // What had to be caught up, and some of what came meanwhile.
      const wanted = Math.min(TRAFFIC, pipeline.acks.size + 2 * WINDOW);
      await socket.until("MESSAGE_RECEIVE", wanted, TIMEOUT_MS);
      if (visit % 3 === 0) socket.raw.terminate();
      else await socket.close(1000);
      expect(runsOf(receivedSeqs(socket, conversation_id))).toMatch(/^1-\d+$/);
    }
    await sending;
    const last = await bob.connectDevice();
    await last.next("SYNC_COMPLETE", undefined, TIMEOUT_MS);
    expect(runsOf(receivedSeqs(last, conversation_id))).toBe(`1-${TRAFFIC}`);
    expect(last.all("SYNC_GAP")).toEqual([]);
    await Promise.all([sender.close(1000), last.close(1000)]);
  });
});

describe("several devices of one user", () => {
  it("[DLV-3] the sender's other devices receive the message, the one that sent it does not", async () => {
    const { alice, bob, conversation_id } = await beginPair(server.url);
    const laptop = await login(server.url, alice.account);
    const [phoneSocket, laptopSocket, bobSocket] = await Promise.all([
      alice.connectDevice(),
      laptop.connectDevice(),
      bob.connectDevice(),
    ]);
    const pipeline = new Pipeline(conversation_id, 20);
    await pipeline.run(phoneSocket);
    for (const socket of [laptopSocket, bobSocket]) {
      const frames = await socket.until("MESSAGE_RECEIVE", 20);
      expect(frames.map(({ payload }) => payload.content)).toEqual(
        pipeline.items.map(({ content }) => content),
      );
    }
    // Sent over HTTP: also from the phone, which knows it from the answer.
    const { seq } = await alice.send(conversation_id, "by HTTP");
    await laptopSocket.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === seq);
    expect(receivedSeqs(phoneSocket, conversation_id)).toEqual([]);
    await Promise.all([phoneSocket, laptopSocket, bobSocket].map((socket) => socket.close(1000)));
  });

  it("[DLV-4] a device on both sockets gets an entry twice, the same on each", async () => {
    const { alice, bob, conversation_id } = await beginPair(server.url);
    const [device, onScreen] = [await bob.connectDevice(), await bob.connectConversation(conversation_id)];
    const sent = await alice.send(conversation_id, "twice");
    const first = await onScreen.next("MESSAGE_RECEIVE");
    const second = await device.next("MESSAGE_RECEIVE");
    const { sync_id, ...message } = second.payload;
    expect(message).toEqual(first.payload);
    expect(message).toEqual(sent);
    expect(sync_id).toBeGreaterThan(0);
    await Promise.all([device.close(1000), onScreen.close(1000)]);
  });
});
