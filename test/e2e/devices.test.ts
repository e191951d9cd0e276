import { afterAll, beforeAll, expect, it } from "vitest";
import type { Message } from "../../src/protocol/message.ts";
import { login, type Session } from "../support/server/client.ts";
import { beginPair, type Pair } from "../support/server/pair.ts";
import { receivedSeqs, runsOf } from "../support/server/reader.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";

const PUSH_LIMIT = 20;
/** The exchange goes past the push limit. */
const ROUNDS = 15;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ vars: { SYNC_PUSH_LIMIT: String(PUSH_LIMIT) } });
});

afterAll(() => server.stop());

/** Alice and Bob talk, over sockets and HTTP. Each round is four messages, two by each. */
async function talk({ alice, bob, conversation_id }: Pair, rounds: number): Promise<void> {
  const [fromAlice, fromBob] = await Promise.all([alice.connectDevice(), bob.connectDevice()]);
  for (let round = 1; round <= rounds; round++) {
    await fromAlice.sent(fromAlice.sendMessage(conversation_id, `alice, round ${round}`));
    await fromBob.sent(fromBob.sendMessage(conversation_id, `bob, round ${round}`));
    await alice.send(conversation_id, `alice by HTTP, round ${round}`);
    await bob.send(conversation_id, `bob by HTTP, round ${round}`);
  }
  const last = await fromBob.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === rounds * 4 - 1);
  fromBob.ack(conversation_id, last.payload.seq + 1);
  await Promise.all([fromAlice.close(1000), fromBob.close(1000)]);
}

/** What a device knows after it was away: the gap from the history, the rest from its socket. */
async function catchUp(session: Session, socket: TestSocket, conversation_id: string): Promise<Message[]> {
  await socket.next("SYNC_COMPLETE");
  const messages: Message[] = [];
  for (const { payload } of socket.all("SYNC_GAP")) {
    const wanted = payload.to_seq - payload.from_seq + 1;
    const page = await session.history(conversation_id, `after_seq=${payload.from_seq - 1}&limit=${wanted}`);
    messages.push(...page.items);
  }
  const pushed = socket.all("MESSAGE_RECEIVE").map(({ payload: { sync_id: _, ...message } }) => message);
  return [...messages, ...pushed];
}

it("[DLV-1] [DLV-2] a device that was away for the whole exchange ends with the same history", async () => {
  const pair = await beginPair(server.url);
  const { bob, conversation_id } = pair;
  const tablet = await login(server.url, bob.account);
  await talk(pair, ROUNDS);
  const total = ROUNDS * 4;

  const socket = await tablet.connectDevice({ batch: true });
  const known = await catchUp(tablet, socket, conversation_id);
  expect(socket.all("SYNC_GAP").map(({ payload }) => payload)).toEqual([
    { conversation_id, from_seq: 1, to_seq: total - PUSH_LIMIT },
  ]);
  expect(runsOf(receivedSeqs(socket, conversation_id))).toBe(`${total - PUSH_LIMIT + 1}-${total}`);
  expect(known).toEqual(await bob.wholeHistory(conversation_id));
  expect(known).toHaveLength(total);
  await socket.close(1000);
});

it("[DLV-2] each device has its own position: an ack of one does not advance the other", async () => {
  const pair = await beginPair(server.url);
  const { bob, conversation_id } = pair;
  const tablet = await login(server.url, bob.account);
  // Stays within the push limit.
  await talk(pair, 3);

  const first = await tablet.connectDevice();
  await first.next("SYNC_COMPLETE");
  expect(first.all("SYNC_GAP")).toEqual([]);
  expect(runsOf(receivedSeqs(first, conversation_id))).toBe("1-12");
  first.ack(conversation_id, 7);
  await first.close(1000);

  const again = await tablet.connectDevice();
  await again.next("SYNC_COMPLETE");
  expect(runsOf(receivedSeqs(again, conversation_id))).toBe("8-12");
  again.ack(conversation_id, 12);
  await again.close(1000);

  // The phone acked everything before, and has nothing to receive; neither has the tablet now.
  for (const session of [bob, tablet]) {
    const socket = await session.connectDevice();
    await socket.next("SYNC_COMPLETE");
    expect(receivedSeqs(socket, conversation_id)).toEqual([]);
    await socket.close(1000);
  }
});

it("[UNR-1] [UNR-2] unread counts are exact, and reading on one device updates the other", async () => {
  const pair = await beginPair(server.url);
  const { alice, bob, conversation_id } = pair;
  const tablet = await login(server.url, bob.account);
  await talk(pair, 5);
  // Two of each four are by the other; nobody has read anything.
  for (const session of [alice, bob, tablet]) {
    expect((await session.inboxRow(conversation_id)).unread_count).toBe(10);
  }
  const [phoneSocket, tabletSocket] = [await bob.connectDevice(), await tablet.connectDevice()];
  await tabletSocket.next("SYNC_COMPLETE");
  phoneSocket.ack(conversation_id, 8, "read");
  // Of the twelve that are left six are by Alice.
  const isRead = ({ payload }: { payload: { read_seq: number } }) => payload.read_seq === 8;
  const update = await tabletSocket.next("INBOX_UPDATE", isRead);
  expect(update.payload).toMatchObject({ conversation_id, unread_count: 6, head_seq: 20 });
  expect(await tablet.markRead(conversation_id, 20)).toEqual({ read_seq: 20, unread_count: 0 });
  await phoneSocket.next("INBOX_UPDATE", ({ payload }) => payload.unread_count === 0);
  // A mark never goes back.
  expect(await bob.markRead(conversation_id, 3)).toEqual({ read_seq: 20, unread_count: 0 });
  await alice.send(conversation_id, "one more");
  await expect.poll(async () => (await bob.inboxRow(conversation_id)).unread_count).toBe(1);
  expect((await alice.inboxRow(conversation_id)).unread_count).toBe(10);
  await Promise.all([phoneSocket.close(1000), tabletSocket.close(1000)]);
});

it("[DLV-1] SYNC_REQUEST answers what has changed since, or a reset for a position that is unknown", async () => {
  const pair = await beginPair(server.url);
  const { bob, conversation_id } = pair;
  await talk(pair, 2);
  const socket = await bob.connectDevice();
  const { payload: synced } = await socket.next("SYNC_COMPLETE");
  expect(synced.reset).toBeUndefined();

  socket.send({ type: "SYNC_REQUEST", payload: { last_sync_id: synced.sync_id } });
  expect((await socket.next("SYNC_COMPLETE")).payload).toEqual({ sync_id: synced.sync_id });
  expect(socket.all("INBOX_UPDATE")).toEqual([]);

  socket.send({ type: "SYNC_REQUEST", payload: { last_sync_id: synced.sync_id - 1 } });
  expect((await socket.next("SYNC_COMPLETE")).payload).toEqual({ sync_id: synced.sync_id });
  expect(socket.all("INBOX_UPDATE").map(({ payload }) => payload.conversation_id)).toEqual([conversation_id]);

  socket.send({ type: "SYNC_REQUEST", payload: { last_sync_id: synced.sync_id + 1_000 } });
  expect((await socket.next("SYNC_COMPLETE")).payload).toEqual({ sync_id: synced.sync_id, reset: true });
  await socket.close(1000);

  const later = await bob.connectDevice({ last_sync_id: synced.sync_id + 1_000 });
  expect((await later.next("SYNC_COMPLETE")).payload.reset).toBe(true);
  await later.close(1000);
});
