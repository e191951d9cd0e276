import { afterAll, beforeAll, expect, it } from "vitest";
import { problemSchema } from "../../src/protocol/errors.ts";
import type { Session } from "../support/server/client.ts";
import { beginPair, type Pair } from "../support/server/pair.ts";
import { Reader, runsOf } from "../support/server/reader.ts";
import type { TestSocket } from "../support/server/test-socket.ts";
import { type SmallDiskServer, startOnSmallDisk, whyNoSmallDisk } from "./small-disk.ts";

const DISK_BYTES = 48 * 1024 * 1024;
const MESSAGES = 20;
/** More than the room that is left inside the files. */
const content = (label: string) => `${label} ${"x".repeat(20_000)}`;
const RECOVER_MS = 20_000;

const obstacle = whyNoSmallDisk();
if (obstacle !== null) console.warn(`disk-full is not tested: ${obstacle}`);

let server: SmallDiskServer;
let pair: Pair;

beforeAll(async () => {
  if (obstacle !== null) return;
  server = await startOnSmallDisk(DISK_BYTES);
  pair = await beginPair(server.url);
});

afterAll(() => server?.stop());

const ids = Array.from({ length: MESSAGES }, (_, index) => `full-${index}`);

/** What became of each message: its `seq` if it was acked, the code of its refusal, or that its socket was cut before. */
async function sendAll(socket: TestSocket, conversation_id: string): Promise<(number | string)[]> {
  const outcomes = new Map<string, number | string>();
  const stop = socket.watch((frame) => {
    if (frame.type === "MESSAGE_ACK" && frame.payload.status === "sent")
      outcomes.set(frame.payload.client_message_id, frame.payload.seq);
    if (frame.type === "ERROR")
      outcomes.set(frame.payload.details?.client_message_id ?? "", frame.payload.code);
  });
  for (const client_message_id of ids) {
    socket.sendMessage(conversation_id, content(client_message_id), { client_message_id });
  }
  const isSettled = () => outcomes.size === MESSAGES || !socket.isOpen;
  await expect.poll(isSettled, { timeout: RECOVER_MS }).toBe(true);
  stop();
  return ids.map((id) => outcomes.get(id) ?? "cut");
}

/** Sends over HTTP until it is taken. */
async function untilTaken(session: Session, conversation_id: string): Promise<void> {
  const body = { content: "there is room again", client_message_id: "again" };
  const send = () => session.request("POST", `/api/conversations/${conversation_id}/messages`, body);
  await expect
    .poll(async () => (await send()).status, { timeout: RECOVER_MS, interval: 200 })
    .toBeLessThan(300);
}

it.runIf(obstacle === null)(
  "[SEND-1] [SEND-4] [IDEM-1] the disk is full: sends are refused as unavailable, nothing acked is lost, and with room it goes on",
  async () => {
    const { alice, bob, conversation_id } = pair;
    const device = await alice.connectDevice();
    const onConversation = await alice.connectConversation(conversation_id);
    const reader = new Reader(bob, conversation_id);
    await reader.connect();
    await device.sent(device.sendMessage(conversation_id, "while there is room"));

    server.fill();
    // An object that cannot write is reset by the platform, and its sockets with it: then nothing was acked on them.
    for (const socket of [device, onConversation]) {
      for (const outcome of await sendAll(socket, conversation_id))
        expect(["unavailable", "cut"]).toContain(outcome);
    }
    const path = `/api/conversations/${conversation_id}/messages`;
    const body = { content: content("over HTTP"), client_message_id: "http" };
    const answer = await alice.request("POST", path, body);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(problemSchema.parse(answer.body).code).toBe("unavailable");
    // What is small may find room inside the files.
    const profile = { status_text: "y".repeat(200), display_name: "z".repeat(100) };
    expect([200, 503]).toContain((await alice.request("PUT", "/api/users/me", profile)).status);
    const { username, password } = alice.account;
    expect([200, 503]).toContain(
      (await alice.request("POST", "/api/auth/login", { username, password })).status,
    );
    // What was there can be read.
    expect((await bob.history(conversation_id)).items).toHaveLength(1);

    server.free();
    await untilTaken(alice, conversation_id);
    const again = await alice.connectDevice();
    const taken = await sendAll(again, conversation_id);
    for (const outcome of taken) expect(outcome).toBeTypeOf("number");
    expect((await alice.request("PUT", "/api/users/me", profile)).status).toBe(200);

    const history = await bob.wholeHistory(conversation_id);
    expect(history.slice(2).map((message) => message.client_message_id)).toEqual(ids);
    expect(history.slice(2).map(({ seq }) => seq)).toEqual(taken);
    expect(runsOf(history.map(({ seq }) => seq))).toBe(`1-${MESSAGES + 2}`);
    if (!reader.sockets.at(-1)?.isOpen) await reader.connect();
    await reader.until(({ size }) => size === history.length, RECOVER_MS);
    expect(reader.list()).toEqual(history);
    expect((await bob.inboxRow(conversation_id)).unread_count).toBe(history.length);
    await Promise.all([again.close(1000), reader.sockets.at(-1)?.close(1000)]);
  },
);
