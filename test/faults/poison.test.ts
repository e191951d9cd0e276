import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { problemSchema } from "../../src/protocol/errors.ts";
import { messageSchema } from "../../src/protocol/message.ts";
import { register, type Session } from "../support/server/client.ts";
import { Neighbours } from "../support/server/neighbours.ts";
import { receivedSeqs, runsOf } from "../support/server/reader.ts";
import { startTestServer, type TestServer } from "../support/server/test-server.ts";
import type { TestSocket } from "../support/server/test-socket.ts";
import { conversationFile, execIn, overwrite, userFile } from "./object-files.ts";

const MESSAGES = 5;
const SYNC_MS = 30_000;

/** What may become of a file. Each kind befalls a conversation that Alice has with someone else. */
const DAMAGE = {
  "a row whose metadata is no JSON": (file: string) =>
    execIn(file, "UPDATE entries SET metadata = ? WHERE seq = 3", "{poison"),
  "a file cut in half": (file: string) => overwrite(file, (bytes) => bytes.subarray(0, bytes.length / 2)),
  "a file of garbage": (file: string) => overwrite(file, (bytes) => randomBytes(bytes.length)),
  "an empty file": (file: string) => overwrite(file, () => Buffer.alloc(0)),
};
type Damage = keyof typeof DAMAGE;
const kinds = Object.keys(DAMAGE) as Damage[];

interface Talk {
  readonly peer: Session;
  readonly conversation_id: string;
}

let server: TestServer;
let alice: Session;
let device: TestSocket;
let healthy: Talk;
let damagedInbox: {
  readonly carol: Session;
  readonly healthy: Talk;
  readonly damaged: Talk;
  readonly blurred: Talk;
};
const damaged = new Map<Damage, Talk>();

/** A new user says a few things to someone whose devices are away. */
async function beginTalk(to: Session): Promise<Talk> {
  const peer = await register(server.url);
  const { conversation_id } = await peer.createOneOnOne(to.user_id);
  for (let seq = 1; seq <= MESSAGES; seq++) {
    const draft = { content: `message ${seq}`, client_message_id: randomUUID(), metadata: { n: seq } };
    await peer.call(messageSchema, "POST", `/api/conversations/${conversation_id}/messages`, draft);
  }
  await vi.waitUntil(async () => (await to.inboxRow(conversation_id)).head_seq === MESSAGES, {
    timeout: SYNC_MS,
  });
  return { peer, conversation_id };
}

beforeAll(async () => {
  server = await startTestServer();
  alice = await register(server.url, { device: { device_id: "alice-phone" } });
  healthy = await beginTalk(alice);
  for (const kind of kinds) damaged.set(kind, await beginTalk(alice));
  const carol = await register(server.url, { device: { device_id: "carol-phone" } });
  damagedInbox = {
    carol,
    healthy: await beginTalk(carol),
    damaged: await beginTalk(carol),
    blurred: await beginTalk(carol),
  };

  await server.kill("SIGKILL");
  for (const [kind, { conversation_id }] of damaged) {
    DAMAGE[kind](conversationFile(server.dataDir, conversation_id));
  }
  const inbox = userFile(server.dataDir, carol.device_id);
  const spoil = (column: string, { conversation_id }: Talk) =>
    execIn(
      inbox,
      `UPDATE inbox SET ${column} = ? WHERE conversation_id = ?`,
      '{"carol-phone":',
      conversation_id,
    );
  spoil("positions", damagedInbox.damaged);
  spoil("last_message", damagedInbox.blurred);
  await server.restart();
  device = await alice.connectDevice();
});

afterAll(async () => {
  // In order it would wait for the sockets that are open.
  await server.kill("SIGKILL");
  await server.stop();
});

const pathOf = ({ conversation_id }: Talk) => `/api/conversations/${conversation_id}/messages`;

describe("with damaged conversations among one's own", () => {
  it("[DLV-1] a device is synced with all the others", async () => {
    await device.next("SYNC_COMPLETE", undefined, SYNC_MS);
    expect(runsOf(receivedSeqs(device, healthy.conversation_id))).toBe(`1-${MESSAGES}`);
    // What cannot be read is announced, so that the device does not believe that it has everything.
    const announced = device.all("SYNC_GAP").map(({ payload }) => payload);
    for (const kind of ["a file cut in half", "a file of garbage"] as const) {
      const conversation_id = damaged.get(kind)?.conversation_id;
      expect(announced).toContainEqual({ conversation_id, from_seq: 1, to_seq: MESSAGES });
    }
    expect(device.isOpen).toBe(true);
  });

  it("chat goes on in the others, and between others", async () => {
    const { seq } = await healthy.peer.send(healthy.conversation_id, "as if nothing had happened");
    await device.next("MESSAGE_RECEIVE", ({ payload }) => payload.seq === seq);
    expect(await device.sent(device.sendMessage(healthy.conversation_id, "indeed"))).toMatchObject({
      seq: seq + 1,
    });
    expect((await alice.inboxRow(healthy.conversation_id)).unread_count).toBe(MESSAGES + 1);
    await (await Neighbours.begin(server.url)).talkOn();
  });

  it("the inbox lists them all", async () => {
    const known = (await alice.inbox()).map(({ conversation_id }) => conversation_id);
    for (const { conversation_id } of damaged.values()) expect(known).toContain(conversation_id);
  });

  it.each<Damage>(["a file cut in half", "a file of garbage"])(
    "%s is an error with a name, in the log too",
    async (kind) => {
      const talk = damaged.get(kind);
      if (!talk) throw new Error(kind);
      const { status, body } = await alice.request("GET", pathOf(talk));
      const { request_id } = problemSchema.parse(body);
      expect([500, 503]).toContain(status);
      expect(JSON.stringify(body)).not.toMatch(/sqlite|malformed|database/i);
      expect(
        server
          .log()
          .split("\n")
          .filter((line) => line.includes(request_id) && line.includes("request failed")),
      ).toHaveLength(1);
      const client_message_id = device.sendMessage(talk.conversation_id, "into the void");
      const error = await device.next(
        "ERROR",
        ({ payload }) => payload.details?.client_message_id === client_message_id,
      );
      expect(["internal", "unavailable"]).toContain(error.payload.code);
    },
  );

  it("an empty file is no conversation", async () => {
    const talk = damaged.get("an empty file");
    expect((await alice.request("GET", talk ? pathOf(talk) : "")).status).toBe(404);
  });

  it("[DLV-1] a row whose metadata is no JSON loses its metadata, and nothing else", async () => {
    const talk = damaged.get("a row whose metadata is no JSON");
    if (!talk) throw new Error("no such talk");
    const history = await alice.wholeHistory(talk.conversation_id);
    expect(history.map(({ metadata }) => metadata)).toEqual([{ n: 1 }, { n: 2 }, null, { n: 4 }, { n: 5 }]);
    const { seq } = await talk.peer.send(talk.conversation_id, "and on");
    await device.next(
      "MESSAGE_RECEIVE",
      ({ payload }) => payload.conversation_id === talk.conversation_id && payload.seq === seq,
    );
    expect(runsOf(receivedSeqs(device, talk.conversation_id))).toBe(`1-${MESSAGES + 1}`);
  });
});

describe("with a damaged row in one's inbox", () => {
  it("[DLV-1] [UNR-1] a device is synced with the others, and the row comes back with the next message", async () => {
    const { carol, healthy, damaged, blurred } = damagedInbox;
    const socket = await carol.connectDevice();
    await socket.next("SYNC_COMPLETE", undefined, SYNC_MS);
    for (const { conversation_id } of [healthy, blurred]) {
      expect(runsOf(receivedSeqs(socket, conversation_id))).toBe(`1-${MESSAGES}`);
    }
    expect(await carol.inboxRow(blurred.conversation_id)).toMatchObject({
      last_message: null,
      unread_count: MESSAGES,
    });
    const { seq } = await damaged.peer.send(damaged.conversation_id, "are you there?");
    await socket.next(
      "MESSAGE_RECEIVE",
      ({ payload }) => payload.conversation_id === damaged.conversation_id && payload.seq === seq,
      SYNC_MS,
    );
    expect(await carol.inboxRow(damaged.conversation_id)).toMatchObject({ head_seq: seq, unread_count: seq });
    expect(await carol.inboxRow(healthy.conversation_id)).toMatchObject({
      head_seq: MESSAGES,
      unread_count: MESSAGES,
    });
    await socket.close(1000);
  });
});
