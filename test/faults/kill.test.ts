import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Message } from "../../src/protocol/message.ts";
import { login, register, type Session } from "../support/server/client.ts";
import { Pipeline } from "../support/server/pipeline.ts";
import { receivedSeqs, runsOf } from "../support/server/reader.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";
import { Follower } from "./follower.ts";
import { FULL } from "./scale.ts";

const KILLS = FULL ? 20 : 3;
/** A kill comes after so many more acks of all streams together: another number each time. */
const acksUntil = (kill: number) => 50 + ((kill * 67) % 200);
/** Of each stream. */
const MESSAGES = 100 * (KILLS + 1);
/** So many of each stream are under way, in sockets and objects, when the server dies. */
const WINDOW = 32;
const PATIENCE_MS = 60_000;

/** One member sending into one conversation, over one kind of socket. */
interface Stream {
  readonly sender: number;
  readonly conversation: number;
  readonly transport: "device" | "conversation";
}

/** Three pairs and a group of members of each. */
const MEMBERS: readonly (readonly number[])[] = [
  [0, 1],
  [2, 3],
  [4, 5],
  [0, 2, 4, 5],
];
const STREAMS: readonly Stream[] = [
  { sender: 0, conversation: 0, transport: "device" },
  { sender: 1, conversation: 0, transport: "conversation" },
  { sender: 2, conversation: 1, transport: "conversation" },
  { sender: 4, conversation: 2, transport: "device" },
  { sender: 0, conversation: 3, transport: "device" },
  { sender: 5, conversation: 3, transport: "conversation" },
];

let server: TestServer;
let users: Session[] = [];
/** Signed in, but away until everything is over. */
let away: Session;
const conversations: string[] = [];
let followers: Follower[] = [];
let pipelines: Pipeline[] = [];

const at = <T>(list: readonly T[], index: number): T => {
  const item = list[index];
  if (item === undefined) throw new Error(`there is no item ${index}`);
  return item;
};

beforeAll(async () => {
  server = await startTestServer({ vars: { SYNC_PUSH_LIMIT: String(STREAMS.length * MESSAGES) } });
  users = await Promise.all(Array.from({ length: 6 }, () => register(server.url)));
  away = await login(server.url, at(users, 5).account);
  for (const [first = 0, ...others] of MEMBERS) {
    const peers = others.map((user) => at(users, user).user_id);
    const creator = at(users, first);
    const [peer = ""] = peers;
    const begun = peers.length === 1 ? creator.createOneOnOne(peer) : creator.createGroup("The group", peers);
    conversations.push((await begun).conversation_id);
  }
  followers = users.map((user) => new Follower(user));
  pipelines = STREAMS.map(
    ({ conversation, sender }) => new Pipeline(at(conversations, conversation), MESSAGES, `from ${sender}:`),
  );
}, PATIENCE_MS);

afterAll(async () => {
  // In order it would wait for the sockets that are open.
  await server.kill("SIGKILL");
  await server.stop();
});

/** Everyone comes back and goes on sending what is not acked. Resolves when all is, or every socket is gone. */
async function goOn(onAck: () => void): Promise<TestSocket[]> {
  const devices = await Promise.all(followers.map((follower) => follower.connect()));
  const opened: TestSocket[] = [];
  const runs = STREAMS.map(async ({ sender, conversation, transport }, index) => {
    const socket =
      transport === "device"
        ? at(devices, sender)
        : await at(users, sender).connectConversation(at(conversations, conversation), { batch: true });
    if (transport === "conversation") opened.push(socket);
    await at(pipelines, index).run(socket, { window: WINDOW, onAck });
  });
  await Promise.all(runs);
  return opened;
}

const ackedInAll = () => pipelines.reduce((sum, { acks }) => sum + acks.size, 0);

/** Kills the server in the middle of it all, and starts it again on the same data. */
async function killAfter(acks: number): Promise<void> {
  const killAt = ackedInAll() + acks;
  let killed: Promise<void> | undefined;
  // An upgrade or a request that the server did not live to answer is no fault.
  await goOn(() => {
    if (ackedInAll() >= killAt) killed ??= server.kill("SIGKILL");
  }).catch((error) => {
    if (!killed) throw error;
  });
  await killed;
  expect(ackedInAll()).toBeGreaterThanOrEqual(killAt);
  await Promise.all(followers.map(({ sockets }) => sockets.at(-1)?.closed));
  await server.restart();
}

/** What every member has to have: each acked message once, at the `seq` it was acked with, each stream in its order. */
function expectLog(history: readonly Message[], conversation: number): void {
  expect(runsOf(history.map(({ seq }) => seq))).toBe(`1-${history.length}`);
  const streams = STREAMS.map((stream, index) => ({ ...stream, pipeline: at(pipelines, index) }));
  const here = streams.filter((stream) => stream.conversation === conversation);
  expect(history).toHaveLength(here.length * MESSAGES);
  const bySeq = new Map(history.map((message) => [message.seq, message]));
  for (const { pipeline } of here) {
    const acked = pipeline.ackedInOrder();
    expect(acked).toHaveLength(MESSAGES);
    const found = acked.map(({ seq }) => bySeq.get(seq));
    expect(found.map((message) => message?.message_id)).toEqual(acked.map(({ message_id }) => message_id));
    expect(found.map((message) => message?.content)).toEqual(pipeline.items.map(({ content }) => content));
    expect(acked.map(({ seq }) => seq)).toEqual(acked.map(({ seq }) => seq).sort((a, b) => a - b));
  }
}

const keyOf = ({ seq, message_id, content }: Message) => `${seq} ${message_id} ${content}`;

/** A device has all that others sent; what it sent itself it need not be told. */
async function expectDevice(
  follower: Follower,
  conversation_id: string,
  history: readonly Message[],
): Promise<void> {
  const own = follower.session.user_id;
  const owed = history.filter(({ sender_id }) => sender_id !== own).map(keyOf);
  const has = () =>
    follower
      .list(conversation_id)
      .filter(({ sender_id }) => sender_id !== own)
      .map(keyOf);
  await expect.poll(() => has().length, { timeout: PATIENCE_MS }).toBe(owed.length);
  expect(has()).toEqual(owed);
  const all = new Set(history.map(keyOf));
  for (const message of follower.list(conversation_id)) expect(all).toContain(keyOf(message));
  for (const socket of follower.sockets) expectAscending(receivedSeqs(socket, conversation_id));
}

function expectAscending(seqs: readonly number[]): void {
  for (const [index, seq] of seqs.entries()) expect(seq).toBeGreaterThan(seqs[index - 1] ?? 0);
}

async function expectUnread(
  session: Session,
  conversation_id: string,
  history: readonly Message[],
): Promise<void> {
  const ofOthers = history.filter(({ sender_id }) => sender_id !== session.user_id);
  const row = () => session.inboxRow(conversation_id);
  await expect
    .poll(row, { timeout: PATIENCE_MS })
    .toMatchObject({ head_seq: history.length, unread_count: ofOthers.length });
  const half = Math.floor(history.length / 2);
  const left = ofOthers.filter(({ seq }) => seq > half).length;
  expect(await session.markRead(conversation_id, half)).toEqual({ read_seq: half, unread_count: left });
}

describe(`SIGKILL under load, ${KILLS} times in a row`, () => {
  it(
    "[SEND-1] [SEQ-1] [SEQ-2] [IDEM-1] [DLV-1] [UNR-1] every acked message is stored once, is on every device, and is counted exactly",
    async () => {
      for (let kill = 1; kill <= KILLS; kill++) await killAfter(acksUntil(kill));
      const opened = await goOn(() => undefined);
      const late = new Follower(away);
      await late.connect();
      for (const [conversation, members] of MEMBERS.entries()) {
        const conversation_id = at(conversations, conversation);
        const history = await at(users, at(members, 0)).wholeHistory(conversation_id);
        expectLog(history, conversation);
        for (const member of members) {
          await expectDevice(at(followers, member), conversation_id, history);
          if (member === 5) await expectDevice(late, conversation_id, history);
          await expectUnread(at(users, member), conversation_id, history);
        }
      }
      for (const { sockets } of followers) expect(sockets).toHaveLength(KILLS + 1);
      console.log(`${KILLS} kills, ${ackedInAll()} messages acked, none lost or doubled`);
      await Promise.all([late, ...followers].map((follower) => follower.close()));
      await Promise.all(opened.map((socket) => socket.close(1000)));
    },
    PATIENCE_MS + KILLS * 20_000,
  );
});
