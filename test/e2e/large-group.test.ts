import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startUim, type UimServer } from "../../bench/servers/uim-server.ts";
import type { SeededUser } from "../../bench/worker/seed-requests.ts";
import { historyPageSchema } from "../../src/protocol/message.ts";
import { request } from "../support/server/client.ts";
import { Pipeline } from "../support/server/pipeline.ts";
import { receivedSeqs, runsOf } from "../support/server/reader.ts";
import { TestSocket } from "../support/server/test-socket.ts";

const MEMBERS = 100;
const OFFLINE = 10;
const SENDERS = 5;
const MESSAGES = 100;
const TOTAL = SENDERS * MESSAGES;
const PATIENCE_MS = 30_000;

interface Seeded {
  readonly users: readonly SeededUser[];
  readonly conversation_id: string;
}

let server: UimServer<Seeded>;

beforeAll(async () => {
  server = await startUim(async (door) => {
    const users = await door.users(MEMBERS);
    const [conversation_id = ""] = await door.conversations([users.map(({ user_id }) => user_id)]);
    return { users, conversation_id };
  });
});

afterAll(() => server.stop());

/** Every other one takes single frames, the rest arrays. */
function connect({ access_token }: SeededUser, index: number, path = ""): Promise<TestSocket> {
  const batch = index % 2 === 0 ? "&batch=1" : "";
  return TestSocket.open(`${server.url.replace(/^http/, "ws")}/ws${path}?token=${access_token}${batch}`);
}

async function historyOf({ access_token: token }: SeededUser, from_seq: number, to_seq: number) {
  const seqs: number[] = [];
  for (let after = from_seq - 1; after < to_seq; after = seqs.at(-1) ?? to_seq) {
    const limit = Math.min(100, to_seq - after);
    const path = `/api/conversations/${server.seeded.conversation_id}/messages?after_seq=${after}&limit=${limit}`;
    const { body } = await request(server.url, "GET", path, { token });
    seqs.push(...historyPageSchema.parse(body).items.map(({ seq }) => seq));
  }
  return seqs;
}

const everything = `1-${TOTAL}`;

describe("a group of 100 on real sockets", () => {
  it("[SEQ-1] [SEQ-2] [DLV-1] [DLV-3] gives each member 500 messages of five senders once, in order, those who were away when they are back", async () => {
    const { users, conversation_id } = server.seeded;
    const online = users.slice(OFFLINE);
    const sockets = await Promise.all(online.map((user, index) => connect(user, index)));
    const pipelines = online.slice(0, SENDERS).map(() => new Pipeline(conversation_id, MESSAGES));
    await Promise.all(
      pipelines.map(async (pipeline, index) => {
        const sender = online[index];
        const device = sockets[index];
        if (!sender || !device) throw new Error("every sender is there");
        // Some have the conversation on their screens.
        const path = index % 2 === 0 ? "" : `/conversations/${conversation_id}`;
        const socket = path === "" ? device : await connect(sender, index, path);
        await pipeline.run(socket, { window: 16 });
      }),
    );
    const ownOf = (index: number) => pipelines[index]?.ackedInOrder().map(({ seq }) => seq) ?? [];
    for (const [index, socket] of sockets.entries()) {
      const own = new Set(ownOf(index));
      await expect
        .poll(() => receivedSeqs(socket, conversation_id).length, { timeout: PATIENCE_MS })
        .toBe(TOTAL - own.size);
      const received = receivedSeqs(socket, conversation_id);
      expect(received).toEqual(received.toSorted((a, b) => a - b));
      expect(runsOf([...received, ...own].sort((a, b) => a - b))).toBe(everything);
    }

    for (const [index, user] of users.slice(0, OFFLINE).entries()) {
      const socket = await connect(user, index);
      await socket.next("SYNC_COMPLETE", () => true, PATIENCE_MS);
      const pushed = receivedSeqs(socket, conversation_id);
      const [gap] = socket.all("SYNC_GAP");
      if (!gap) throw new Error("more was missed than is pushed");
      const fetched = await historyOf(user, gap.payload.from_seq, gap.payload.to_seq);
      expect(runsOf([...fetched, ...pushed])).toBe(everything);
      socket.raw.terminate();
    }
    for (const socket of sockets) socket.raw.terminate();
  });
});
