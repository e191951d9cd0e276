import { randomUUID } from "node:crypto";
import fs from "node:fs";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { startBaseline } from "../../bench/baseline/baseline-server.ts";
import { AckWaits } from "../../bench/client/ack-waits.ts";
import { Connections } from "../../bench/client/connections.ts";
import type { LoadJob } from "../../bench/client/load-job.ts";
import { runInProcess } from "../../bench/client/run-in-process.ts";
import { resultsOf } from "../../bench/report/results.ts";
import { memory } from "../../bench/scenarios/memory.ts";
import { baselineRoom, deviceUrl, seedRooms, uimRoom } from "../../bench/servers/rooms.ts";
import { startUim } from "../../bench/servers/uim-server.ts";
import { meterReadingSchema } from "../../bench/worker/meter-reading.ts";
import { capture } from "../../scripts/lib/process.mjs";
import { folderWith } from "../scripts/folder.ts";

const BRIEF = { pace: { window: 4 }, warm_up_ms: 200, measure_ms: 800, drain_ms: 3_000 } as const;
const NO_FAULTS = { lost: 0, doubled: 0, reordered: 0 };

describe("the load generator", () => {
  it("drives two pairs on either kind of socket, and every message is accounted for", async () => {
    const uim = await startUim((door) => seedRooms(door, 2, 2));
    onTestFinished(uim.stop);
    for (const kind of ["conversation", "device"] as const) {
      const rooms = uim.seeded.map((room) => uimRoom(uim.url, kind, room));
      const result = await runInProcess({ ...BRIEF, rooms, server_pid: uim.pid });
      expect(result).toMatchObject({ faults: NO_FAULTS, refusals: [] });
      expect(result.acked).toBeGreaterThan(0);
      expect(result.delivered).toBeGreaterThan(0);
      expect(result.acked_in_all).toBeGreaterThanOrEqual(result.acked);
    }
  });

  it("drives the baseline with the same frames", async () => {
    const users = ["ada", "bob"].map((username) => ({
      user_id: randomUUID(),
      username,
      device_id: "phone",
      access_token: "",
    }));
    const room = { conversation_id: "0190a0a0-0000-7000-8000-000000000000", users };
    const baseline = await startBaseline([room]);
    onTestFinished(baseline.stop);
    const rooms = [baselineRoom(baseline.url, room)];
    const result = await runInProcess({ ...BRIEF, rooms, receipts: false, server_pid: baseline.pid });
    expect(result).toMatchObject({ faults: NO_FAULTS, refusals: [] });
    expect(result.delivered).toBeGreaterThan(0);
  });

  it.each([
    ["keeps every tenth to itself", "lost", (seq: number) => (seq % 10 === 0 ? [] : [seq])],
    ["says every tenth twice", "doubled", (seq: number) => (seq % 10 === 0 ? [seq, seq] : [seq])],
    ["swaps two of ten", "reordered", (seq: number) => ({ 9: [], 0: [seq, seq - 1] })[seq % 10] ?? [seq]],
  ] as const)("catches a server that %s", async (_, fault, deliver) => {
    const url = await startFaultyServer(deliver);
    const conversation_id = "0190a0a0-0000-7000-8000-000000000000";
    const seats = [
      { url: `${url}/ada`, socket: "conversation", sends: true },
      { url: `${url}/bob`, socket: "conversation", sends: false },
    ] as const;
    const job: LoadJob = {
      ...BRIEF,
      rooms: [{ conversation_id, seats }],
      receipts: false,
      server_pid: process.pid,
    };
    const { faults, acked_in_all } = await runInProcess(job);
    const tenths = Math.floor(acked_in_all / 10);
    expect(tenths).toBeGreaterThan(0);
    // The last swap may have been cut off by the end of the run: then one is lost.
    expect(faults[fault]).toBeGreaterThanOrEqual(tenths - (fault === "reordered" ? 1 : 0));
    expect(faults[fault]).toBeLessThanOrEqual(tenths + 1);
  });
});

describe("who waits for a server", () => {
  const conversation_id = "0190a0a0-0000-7000-8000-000000000000";

  it("hears that its socket was closed before it was greeted", async () => {
    const url = await startServer((socket) => socket.close(4429));
    const seats = [{ url, socket: "conversation", sends: true }] as const;
    const job: LoadJob = { ...BRIEF, rooms: [{ conversation_id, seats }], server_pid: process.pid };
    await expect(runInProcess(job)).rejects.toThrow("the load process ended with 1");
  });

  it("hears that a message was refused, or that its socket was closed before the ack", async () => {
    const error = { type: "ERROR", payload: { code: "rate_limited", message: "no" } };
    const refusing = await startServer((socket) =>
      socket.on("message", () => socket.send(JSON.stringify(error))),
    );
    const waits = await AckWaits.open(refusing, conversation_id);
    await expect(waits.send(1)).rejects.toThrow("rate_limited");
    waits.close();
    const closing = await startServer((socket) => socket.on("message", () => socket.close(4429)));
    await expect((await AckWaits.open(closing, conversation_id)).send(1)).rejects.toThrow("closed with 4429");
  });
});

describe("the metered server", () => {
  it("counts what comes in over sockets, and what a connection costs", async () => {
    const server = await startUim((door) => door.users(2), { metered: true });
    onTestFinished(server.stop);
    const read = async () =>
      meterReadingSchema.parse(await (await fetch(`${server.url}/bench/meter`)).json());
    const connections = new Connections();
    onTestFinished(() => connections.closeAll());
    const before = await read();
    await connections.openAll(
      server.seeded.map((user) => deviceUrl(server.url, user)),
      1,
    );
    const connected = await read();
    // Each upgrade is a call to the user's object, and one to the limiter of the address before it.
    expect(connected.object_calls - before.object_calls).toBe(4);
    // A device that was here lately costs the alarm that looks for silent sockets, and no row besides.
    expect(connected.alarms_set - before.alarms_set).toBe(2);
    expect(connected.rows_written).toBe(before.rows_written);
    for (let round = 0; round < 3; round++) connections.sendAll('{"type":"HEARTBEAT_PING","request_id":"r"}');
    await expect.poll(async () => (await read()).socket_messages - connected.socket_messages).toBe(6);
    const after = await read();
    expect(after.rows_written).toBe(connected.rows_written);
    expect(after.awake_ms).toBeGreaterThan(0);
  });
});

describe("workerd alone", () => {
  it("answers and stores, and its memory is read", async () => {
    const options = { quick: true, repetitions: 1, times: BRIEF, profile: null, log: () => undefined };
    const rows = await memory.run({ ...options, wants: (key) => key !== "memory/requests" });
    expect(rows.map(({ key }) => key)).toEqual([
      "memory/requests, small young generation",
      "memory/databases",
    ]);
    for (const { figures } of rows) {
      const [first = 0, last = 0] = Object.values(figures ?? {});
      expect(first).toBeGreaterThan(0);
      expect(last).toBeGreaterThan(first);
    }
  });
});

describe("npm run bench", () => {
  it.each([
    ["passes when nothing came to harm", 0, NO_FAULTS],
    ["fails when a message was lost", 1, { ...NO_FAULTS, lost: 1 }],
    ["fails when a message was doubled", 1, { ...NO_FAULTS, doubled: 1 }],
    ["fails when a message was reordered", 1, { ...NO_FAULTS, reordered: 1 }],
  ])("%s", async (_, expected, faults) => {
    const results = resultsOf([{ key: "sync/1000", figures: { messages: 1_000 }, faults }], new Date());
    const file = path.join(folderWith({ "results.json": JSON.stringify(results) }), "results.json");
    const { code, output } = await capture("node", [path.resolve("bench/main.ts"), "--from", file]);
    expect(output).toContain(expected === 0 ? "Nothing lost" : "FAILED");
    expect(code).toBe(expected);
    expect(fs.existsSync(file)).toBe(true);
  });
});

type Payload = Record<"client_message_id" | "conversation_id" | "content", string>;

/** Resolves to the URL of a server that only does this with each socket. */
async function startServer(onSocket: (socket: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  server.on("connection", onSocket);
  await new Promise((resolve) => server.once("listening", resolve));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Acks every message at its place, and delivers what `deliver` makes of it to the other side. */
async function startFaultyServer(deliver: (seq: number) => readonly number[]): Promise<string> {
  const payloads: Payload[] = [];
  const sockets = new Set<WebSocket>();
  const take = (sender: WebSocket, payload: Payload) => {
    payloads.push(payload);
    sender.send(JSON.stringify({ type: "MESSAGE_ACK", payload: ackOf(payload, payloads.length) }));
    const texts = deliver(payloads.length).map((seq) =>
      JSON.stringify({ type: "MESSAGE_RECEIVE", payload: messageAt(payloads[seq - 1] ?? payload, seq) }),
    );
    for (const other of sockets) if (other !== sender) for (const text of texts) other.send(text);
  };
  return startServer((socket) => {
    sockets.add(socket);
    socket.send('{"type":"CONNECTED"}');
    socket.on("message", (data) => {
      const frames: { type: string; payload: Payload }[] = [JSON.parse(String(data))].flat();
      for (const { type, payload } of frames) if (type === "MESSAGE_SEND") take(socket, payload);
    });
  });
}

const ID = "0190a0a0-0000-7000-8000-000000000001";

function ackOf({ client_message_id, conversation_id }: Payload, seq: number) {
  return {
    status: "sent",
    conversation_id,
    client_message_id,
    message_id: ID,
    seq,
    created_at: 1,
    duplicate: false,
  };
}

function messageAt(payload: Payload, seq: number) {
  const { client_message_id, conversation_id, content } = payload;
  const rest = { sender_id: ID, message_type: "text", reply_to_seq: null, metadata: null, created_at: 1 };
  return {
    ...rest,
    message_id: ID,
    conversation_id,
    seq,
    content,
    client_message_id,
    edited_at: null,
    deleted_at: null,
    reactions: [],
  };
}
