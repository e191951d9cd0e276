import { historyPageSchema } from "../../src/protocol/message.ts";
import { RestClient, repeat } from "../client/rest.ts";
import type { Scenario } from "../scenario.ts";
import { seedRooms } from "../servers/rooms.ts";
import { startUim } from "../servers/uim-server.ts";
import { cpuMs } from "../servers/usage.ts";

const MESSAGES = 1_000_000;
const PAGE = 50;
const PAGES = 500;
const CONTENT = "x".repeat(100);

/** Pages of a long conversation, from random places in it, one at a time. */
export const history: Scenario = {
  name: "history",
  title: `History: pages of ${PAGE} in a conversation of ${MESSAGES} messages`,
  async run({ quick, log }) {
    const messages = quick ? 10_000 : MESSAGES;
    const server = await startUim(async (door) => {
      const rooms = await seedRooms(door, 1, 2);
      for (const { conversation_id, users } of rooms) {
        await door.fill(conversation_id, users[0]?.user_id ?? "", messages, CONTENT);
      }
      return rooms;
    });
    const [room] = server.seeded;
    const client = new RestClient(server.url, room?.users[0]?.access_token);
    const fetchPage = async (): Promise<number> => {
      const before_seq = PAGE + 1 + Math.floor(Math.random() * (messages - PAGE));
      const path = `/api/conversations/${room?.conversation_id}/messages?limit=${PAGE}&before_seq=${before_seq}`;
      const { status, body, ms } = await client.get(path);
      const seqs = historyPageSchema.parse(body).items.map(({ seq }) => seq);
      const isWhole = seqs.length === PAGE && seqs.at(-1) === before_seq - 1 && seqs[0] === before_seq - PAGE;
      if (status !== 200 || !isWhole) throw new Error(`the page before ${before_seq} is ${seqs}`);
      return ms;
    };
    try {
      await repeat(20, 1, fetchPage);
      const cpu_before = cpuMs(server.pid);
      const { spread } = await repeat(PAGES, 1, fetchPage);
      log(`  p50 ${spread.p50.toFixed(2)} ms, p95 ${spread.p95.toFixed(2)} ms`);
      const figures = {
        messages,
        p50_ms: spread.p50,
        p95_ms: spread.p95,
        p99_ms: spread.p99,
        max_ms: spread.max,
        server_cpu_ms: (cpuMs(server.pid) - cpu_before) / PAGES,
      };
      return [{ key: "history", figures }];
    } finally {
      client.close();
      await server.stop();
    }
  },
};
