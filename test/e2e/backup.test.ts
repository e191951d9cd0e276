import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { SentAck } from "../../src/protocol/message.ts";
import { login, register, type Session } from "../support/server/client.ts";
import { Pipeline } from "../support/server/pipeline.ts";
import { Reader, receivedSeqs, runsOf } from "../support/server/reader.ts";
import { makeDataFolder, startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const PAIRS = 4;
const GROUP_READERS = 3;
/** More than are sent before the load is stopped. */
const MESSAGES = 20_000;
const WINDOW = 8;
/** So many are acked in each conversation when the backup begins. */
const ACKED_BEFORE = 100;
/** How far the readers have read by then. */
const READ_SEQ = 10;

/** One person who writes without end, and those who read it. */
interface Talk {
  readonly conversation_id: string;
  readonly sender: Session;
  readonly readers: readonly Reader[];
  readonly pipeline: Pipeline;
}

/** What the clients know, which the backed-up server must not contradict. */
interface Witnessed {
  readonly talk: Talk;
  readonly ackedBefore: readonly SentAck[];
}

let original: TestServer;
let restored: TestServer;
let witnessed: Witnessed[];
const folders: string[] = [];
/** Devices that may have to be pushed everything at once. */
const vars = { SYNC_PUSH_LIMIT: "1000000" };

function folder(): string {
  const made = makeDataFolder();
  folders.push(made);
  return made;
}

async function runScript(script: string, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [path.join(ROOT, "scripts", script), ...args], { stdio: "inherit" });
  expect(await once(child, "exit")).toEqual([0, null]);
}

async function beginTalk(readerCount: number): Promise<Talk> {
  const [sender, ...others] = await Promise.all(
    Array.from({ length: readerCount + 1 }, () => register(original.url)),
  );
  if (!sender || !others[0]) throw new Error("nobody registered");
  const { conversation_id } =
    others.length === 1
      ? await sender.createOneOnOne(others[0].user_id)
      : await sender.createGroup(
          "group",
          others.map(({ user_id }) => user_id),
        );
  const readers = others.map((session) => new Reader(session, conversation_id));
  return { conversation_id, sender, readers, pipeline: new Pipeline(conversation_id, MESSAGES) };
}

/** Sends until the socket is closed. */
async function beginLoad({ sender, readers, pipeline }: Talk): Promise<TestSocket[]> {
  const sockets = await Promise.all(readers.map((reader) => reader.connect({ batch: true })));
  const sending = await sender.connectDevice({ batch: true });
  void pipeline.run(sending, { window: WINDOW });
  return [...sockets, sending];
}

beforeAll(async () => {
  original = await startTestServer({ vars });
  const talks = await Promise.all([
    ...Array.from({ length: PAIRS }, () => beginTalk(1)),
    beginTalk(GROUP_READERS),
  ]);
  const sockets = (await Promise.all(talks.map(beginLoad))).flat();
  for (const { pipeline, readers, conversation_id } of talks) {
    await vi.waitUntil(() => pipeline.acks.size > ACKED_BEFORE, { timeout: 20_000 });
    for (const { session } of readers) await session.markRead(conversation_id, READ_SEQ);
  }

  witnessed = talks.map((talk) => ({ talk, ackedBefore: talk.pipeline.ackedInOrder() }));
  const backup = path.join(folder(), "backup");
  await runScript("backup.mjs", "--data", original.dataDir, "--to", backup);
  // The load has gone on, and does for a while: every device sees what is not in the backup.
  for (const { talk } of witnessed) {
    const wanted = talk.pipeline.acks.size + ACKED_BEFORE;
    await vi.waitUntil(() => talk.pipeline.acks.size > wanted, { timeout: 20_000 });
    for (const { sockets } of talk.readers) {
      expect(sockets[0]?.isOpen).toBe(true);
      expect(sockets[0]?.all("ERROR")).toEqual([]);
    }
  }
  await Promise.all(sockets.map((socket) => socket.close(1000)));
  await original.kill("SIGKILL");

  const dataDir = path.join(folder(), "restored");
  await runScript("restore.mjs", "--from", backup, "--data", dataDir);
  // What the environment may have said all along does not undo what the restore began.
  restored = await startTestServer({ vars: { ...vars, DATA_GENERATION: "0" }, dataDir });
});

afterAll(async () => {
  await restored?.stop();
  await original?.stop();
  for (const made of folders) fs.rmSync(made, { recursive: true, force: true });
});

/** The same user, at the restored server; on another device unless one is named. */
function at(session: Session, device_id?: string): Promise<Session> {
  return login(restored.url, session.account, device_id === undefined ? {} : { device_id });
}

const traceOf = ({ seq, message_id }: { seq: number; message_id: string }) => `${seq} ${message_id}`;

describe("a server restored from a backup that was made under load", () => {
  it("[SEND-1] [SEQ-1] [IDEM-1] has every message acked before the backup, once, and no hole", async () => {
    for (const { talk, ackedBefore } of witnessed) {
      const history = await (await at(talk.sender)).wholeHistory(talk.conversation_id);
      expect(runsOf(history.map(({ seq }) => seq))).toBe(`1-${history.length}`);
      expect(history.length).toBeLessThan(talk.pipeline.acks.size);
      const traces = new Set(history.map(traceOf));
      expect(ackedBefore.filter((ack) => !traces.has(traceOf(ack)))).toEqual([]);
      const sent = talk.pipeline.items.slice(0, history.length);
      expect(history.map(({ content }) => content)).toEqual(sent.map(({ content }) => content));
    }
  });

  it("[UNR-1] brings every inbox up to its log by itself, with exact counts", async () => {
    const checks = witnessed.map(async ({ talk: { sender, readers, conversation_id } }) => {
      const session = await at(sender);
      const { head_seq } = await session.history(conversation_id);
      const isThere = { timeout: 25_000, interval: 100 };
      const own = () => session.inboxRow(conversation_id);
      await expect.poll(own, isThere).toMatchObject({ head_seq, unread_count: 0 });
      for (const reader of readers) {
        const other = await at(reader.session);
        const row = () => other.inboxRow(conversation_id);
        const expected = { head_seq, read_seq: READ_SEQ, unread_count: head_seq - READ_SEQ };
        await expect.poll(row, isThere).toMatchObject(expected);
      }
    });
    await Promise.all(checks);
  });

  it("[DLV-1] tells a device to begin anew, whether the position that it names is in the backup or not", async () => {
    for (const { talk } of witnessed) {
      for (const reader of talk.readers) {
        const synced = reader.sockets[0]?.all("SYNC_COMPLETE").at(-1)?.payload.sync_id ?? 0;
        const newest = reader.sockets[0]?.all("MESSAGE_RECEIVE").at(-1)?.payload.sync_id ?? 0;
        const session = await at(reader.session, reader.session.device_id);
        // Since then it was pushed what the backup does not hold.
        const early = await session.connectDevice({ batch: true, last_sync_id: synced });
        expect((await early.next("SYNC_COMPLETE")).payload.reset).toBe(true);
        await early.close(1000);
        const ahead = await session.connectDevice({ batch: true, last_sync_id: newest });
        const { sync_id, reset } = (await ahead.next("SYNC_COMPLETE")).payload;
        // The numbers have gone on: it is not by them that the server knows.
        expect(sync_id).toBeGreaterThan(newest);
        expect(reset).toBe(true);
        await ahead.close(1000);
        const level = await session.connectDevice({ batch: true, last_sync_id: sync_id });
        expect((await level.next("SYNC_COMPLETE")).payload.reset).toBeUndefined();
        await level.close(1000);
      }
    }
  });

  it("[DLV-1] [SEQ-1] [IDEM-1] goes on in every conversation, on every device", async () => {
    for (const { talk, ackedBefore } of witnessed) {
      const { conversation_id } = talk;
      const sender = await at(talk.sender, talk.sender.device_id);
      const history = await sender.wholeHistory(conversation_id);
      const readers = await Promise.all(
        talk.readers.flatMap(({ session }) => [at(session), at(session, session.device_id)]),
      );
      const sockets = await Promise.all(readers.map((session) => session.connectDevice({ batch: true })));
      const sending = await sender.connectDevice();
      const again = ackedBefore[0];
      if (!again) throw new Error("nothing was acked");
      const { client_message_id } = again;
      const repeated = await sending.sent(
        sending.sendMessage(conversation_id, "message 1", { client_message_id }),
      );
      expect(repeated).toMatchObject({ ...again, duplicate: true });
      const ack = await sending.sent(sending.sendMessage(conversation_id, "after the restore"));
      expect(ack).toMatchObject({ seq: history.length + 1, duplicate: false });
      for (const socket of sockets) {
        await socket.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === ack.seq);
        const seqs = receivedSeqs(socket, conversation_id);
        expect(runsOf(seqs)).toBe(`${seqs[0]}-${ack.seq}`);
      }
      for (const session of readers) {
        const expected = { head_seq: ack.seq, unread_count: ack.seq - READ_SEQ };
        expect(await session.inboxRow(conversation_id)).toMatchObject(expected);
      }
      await Promise.all([...sockets, sending].map((socket) => socket.close(1000)));
    }
  });
});
