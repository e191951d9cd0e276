import fs from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { ERRORS, problemSchema } from "../../src/protocol/errors.ts";
import { serverFrameSchema } from "../../src/protocol/frames/server-frame.ts";
import { register, type Session } from "../support/server/client.ts";
import { Neighbours } from "../support/server/neighbours.ts";
import { runsOf } from "../support/server/reader.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import { FULL } from "./scale.ts";

const DEVICES_PER_USER = 20;
const USERS = FULL ? 250 : 15;
const DEVICES = USERS * DEVICES_PER_USER;
/** Fewer than come: the rest is told to come back. */
const CONNECTIONS_PER_MINUTE = Math.floor(DEVICES * (FULL ? 0.9 : 0.97));
const WAVES = FULL ? 3 : 1;
/** Sent before each wave, while nobody is there. */
const MESSAGES = 5;
const PATIENCE_MS = FULL ? 180_000 : 40_000;
/** How much more memory than after the first wave a server may have after the last: it must not keep what is over. */
const MAX_GROWTH = 1.3;
/** After so long without work an object sleeps. */
const REST_MS = 15_000;

let server: TestServer;
let sender: Session;
let users: Session[] = [];
let conversation_id: string;

beforeAll(async () => {
  server = await startTestServer({ vars: { CONNECTIONS_PER_MINUTE_PER_IP: String(CONNECTIONS_PER_MINUTE) } });
  sender = await register(server.url);
  users = [];
  while (users.length < USERS)
    users.push(...(await Promise.all([register(server.url), register(server.url)])));
  users.length = USERS;
  const group = await sender.createGroup(
    "Everyone",
    users.map(({ user_id }) => user_id),
  );
  conversation_id = group.conversation_id;
}, PATIENCE_MS);

afterAll(async () => {
  // In order it would wait for the sockets that are open.
  await server.kill("SIGKILL");
  await server.stop();
});

/** How an attempt to connect ended: with everything the device had missed, or with the time after which to come back. */
type Outcome =
  | { readonly seqs: readonly number[]; readonly socket: WebSocket }
  | { readonly retry_after_ms: number };

/** One attempt of one device. Compression is off, since it costs the client much for so many sockets. */
function attempt(session: Session, device_id: string): Promise<Outcome> {
  const query = new URLSearchParams({ token: session.access_token, device_id, batch: "1" });
  const socket = new WebSocket(`${server.url.replace(/^http/, "ws")}/ws?${query}`, {
    perMessageDeflate: false,
  });
  const seqs: number[] = [];
  return new Promise((resolve, reject) => {
    socket.on("message", (data) => {
      const value: unknown = JSON.parse(String(data));
      for (const item of Array.isArray(value) ? value : [value]) {
        const frame = serverFrameSchema.parse(item);
        if (frame.type === "MESSAGE_RECEIVE") seqs.push(frame.payload.seq);
        if (frame.type === "SYNC_COMPLETE") resolve({ seqs, socket });
      }
    });
    socket.once("error", reject);
    socket.once("close", (code) => reject(new Error(`closed with ${code} before the sync was complete`)));
    socket.once("unexpected-response", async (_, response) => {
      const { code, retry_after_ms = 0 } = problemSchema.parse(
        JSON.parse(String(Buffer.concat(await response.toArray()))),
      );
      expect(response.statusCode).toBe(ERRORS[code].status);
      expect(["rate_limited", "unavailable"]).toContain(code);
      expect(retry_after_ms).toBeGreaterThan(0);
      expect(Number(response.headers["retry-after"])).toBeGreaterThanOrEqual(retry_after_ms / 1000);
      resolve({ retry_after_ms });
    });
  });
}

interface Connected {
  readonly seqs: readonly number[];
  readonly socket: WebSocket;
  readonly refusals: number;
}

/** Comes back as often as it is told to, when it is told to. */
async function connect(session: Session, device_id: string): Promise<Connected> {
  for (let refusals = 0; ; refusals++) {
    const outcome = await attempt(session, device_id);
    if ("socket" in outcome) return { ...outcome, refusals };
    // Jitter, so that they do not all come at once again.
    const pause = outcome.retry_after_ms * (1 + Math.random());
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

const everyDevice = () =>
  users.flatMap((session) =>
    Array.from({ length: DEVICES_PER_USER }, (_, index) => connect(session, `device-${index}`)),
  );

async function sendSome(): Promise<number> {
  let seq = 0;
  for (let count = 0; count < MESSAGES; count++)
    ({ seq } = await sender.send(conversation_id, "while you were away"));
  for (const user of users) {
    await expect
      .poll(async () => (await user.inboxRow(conversation_id)).head_seq, { timeout: PATIENCE_MS })
      .toBe(seq);
  }
  return seq;
}

function ackAndLeave({ socket }: Connected, seq: number): Promise<void> {
  socket.send(
    JSON.stringify({ type: "MESSAGE_ACK", payload: { conversation_id, seq, status: "delivered" } }),
  );
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.close(1000);
  return closed;
}

/** Resident memory of the server, in MiB. */
function memory(): number {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${server.pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kib) / 1024);
}

describe(`${DEVICES} devices reconnect at once`, () => {
  it(
    "[DLV-1] [LIM-2] all get in, or are told when to come back, and nobody loses a message",
    async () => {
      // So that each is known, and has something to miss.
      await Promise.all((await Promise.all(everyDevice())).map((device) => ackAndLeave(device, 0)));
      const figures = [];
      const atRest = [];
      let acked = 0;
      for (let wave = 1; wave <= WAVES; wave++) {
        const head = await sendSome();
        if (wave === 1) {
          await server.kill("SIGKILL");
          await server.restart();
        }
        const neighbours = await Neighbours.begin(server.url);
        const before = memory();
        const started_at = performance.now();
        const devices = await Promise.all(everyDevice());
        const seconds = (performance.now() - started_at) / 1000;
        const peak = memory();
        for (const { seqs } of devices) expect(runsOf(seqs)).toBe(`${acked + 1}-${head}`);
        const refused = devices.filter(({ refusals }) => refusals > 0).length;
        await neighbours.talkOn();
        await Promise.all(devices.map((device) => ackAndLeave(device, head)));
        acked = head;
        if (FULL) await new Promise((resolve) => setTimeout(resolve, REST_MS));
        atRest.push(memory());
        figures.push(
          `${seconds.toFixed(1)} s, ${refused} told to come back, ${before} MiB → ${peak} → ${atRest.at(-1)}`,
        );
      }
      console.log(`${DEVICES} devices:\n${figures.join("\n")}`);
      const [first = 0, ...later] = atRest;
      for (const mib of later) expect(mib).toBeLessThanOrEqual(MAX_GROWTH * first);
    },
    PATIENCE_MS * (WAVES + 1),
  );
});
