import { searchPageSchema } from "../../src/protocol/search.ts";
import { AckWaits } from "../client/ack-waits.ts";
import { medianBy, type Spread } from "../client/percentiles.ts";
import { RestClient, repeat } from "../client/rest.ts";
import type { BenchOptions, Scenario } from "../scenario.ts";
import { type SeededRoom, seedRooms, uimRoom } from "../servers/rooms.ts";
import type { SeedDoor } from "../servers/seed-door.ts";
import { startUim, type UimServer } from "../servers/uim-server.ts";
import { cpuMs } from "../servers/usage.ts";
import { meterReadingSchema } from "../worker/meter-reading.ts";
import { hanWord, latinWord } from "../worker/mixed-text.ts";

const MESSAGES = 100_000;
const MORE = 1_000;
const MORE_TIMES = 5;
const PAGE = 50;
const PAGES = 40;

/** How often somebody sends a message, before the index is built and meanwhile. */
const SEND_EVERY_MS = 10;
const BEFORE_MS = 2_000;

/** Every message also begins with its number, which no other has. */
const QUERIES: readonly (readonly [name: string, q: string])[] = [
  ["one-message", '"4321"'],
  ["rare-word", `"${latinWord(5_000)}"`],
  ["common-word", `"${latinWord(3)}"`],
  ["two-common-words", `"${latinWord(60)}" "${latinWord(90)}"`],
  ["two-words-of-two-scripts", `"${latinWord(120)}" ${hanWord(100)}`],
  ["beginning-two-letters", "re"],
  ["beginning-one-letter", "e"],
  ["two-characters", hanWord(500)],
  ["one-character", hanWord(500).slice(0, 1)],
  ["nothing", "zzzzzz"],
];

/** The first search in a long conversation, what it costs those who talk there meanwhile, and the searches after it. */
export const search: Scenario = {
  name: "search",
  title: `Search: a conversation of ${MESSAGES} messages, in Latin and Chinese words`,
  async run(options) {
    const messages = options.quick ? 5_000 : MESSAGES;
    const { first, more, acks, pages } = await timeSearches(messages, options);
    const rows_written = await countRows(messages);
    return [
      { key: "search/index/first", figures: { ...first, rows_written: rows_written.first } },
      { key: `search/index/${MORE}-more`, figures: { ...more, rows_written: rows_written.more } },
      { key: "search/acks/before", figures: spreadFigures(acks.before) },
      { key: "search/acks/meanwhile", figures: spreadFigures(acks.meanwhile) },
      ...pages.map(({ name, figures }) => ({ key: `search/page/${name}`, figures })),
    ];
  },
};

type Figures = Record<string, number>;

function spreadFigures({ count, p50, p95, p99, max }: Spread): Figures {
  return { messages: count, p50_ms: p50, p95_ms: p95, p99_ms: p99, max_ms: max };
}

async function timeSearches(messages: number, { log }: BenchOptions) {
  const server = await startUim((door) => seedRoom(door, messages));
  const client = new RestClient(server.url, server.seeded.users[0]?.access_token);
  const talk = await AckWaits.open(socketUrl(server), server.seeded.conversation_id);
  const find = async (q: string) => {
    const cpu_before = cpuMs(server.pid);
    const { ms, hits } = await searchOnce(client, server.seeded, q);
    return { ms, hits, server_cpu_ms: cpuMs(server.pid) - cpu_before };
  };
  try {
    const before = await talk.during(() => pause(BEFORE_MS), SEND_EVERY_MS);
    const { result, waits } = await talk.during(() => find("zzzzzz"), SEND_EVERY_MS);
    log(
      `  first: ${result.ms.toFixed(0)} ms; an ack p95 ${waits.p95.toFixed(1)}, max ${waits.max.toFixed(1)} ms`,
    );
    const after: Awaited<ReturnType<typeof find>>[] = [];
    for (let time = 0; time < MORE_TIMES; time++) {
      await talk.send(MORE);
      after.push(await find("zzzzzz"));
    }
    const more = medianBy(after, ({ ms }) => ms);
    log(`  after ${MORE} more: ${more.ms.toFixed(1)} ms`);
    const pages: { name: string; figures: Figures }[] = [];
    for (const [name, q] of QUERIES) pages.push({ name, figures: await timePages(find, q) });
    for (const { name, figures } of pages) log(`  ${name}: p50 ${figures.p50_ms?.toFixed(1)} ms`);
    return {
      first: { messages, ms: result.ms, server_cpu_ms: result.server_cpu_ms },
      more: { messages: MORE, ms: more.ms, server_cpu_ms: more.server_cpu_ms },
      acks: { before: before.waits, meanwhile: waits },
      pages,
    };
  } finally {
    talk.close();
    client.close();
    await server.stop();
  }
}

type Find = (q: string) => Promise<{ ms: number; hits: number; server_cpu_ms: number }>;

async function timePages(find: Find, q: string): Promise<Figures> {
  let [hits, server_cpu_ms] = [0, 0];
  const { spread } = await repeat(PAGES, 1, async () => {
    const found = await find(q);
    hits = found.hits;
    server_cpu_ms += found.server_cpu_ms / PAGES;
    return found.ms;
  });
  return { hits, p50_ms: spread.p50, p95_ms: spread.p95, max_ms: spread.max, server_cpu_ms };
}

/** What the first search writes, and the one after more messages: counted by a server with a meter, which is slower. */
async function countRows(messages: number): Promise<{ first: number; more: number }> {
  const server = await startUim((door) => seedRoom(door, messages), { metered: true });
  const client = new RestClient(server.url, server.seeded.users[0]?.access_token);
  const talk = await AckWaits.open(socketUrl(server), server.seeded.conversation_id);
  const rowsOfSearch = async () => {
    const before = await rowsWritten(client);
    await searchOnce(client, server.seeded, "zzzzzz");
    return (await rowsWritten(client)) - before;
  };
  try {
    const first = await rowsOfSearch();
    await talk.send(MORE);
    return { first, more: await rowsOfSearch() };
  } finally {
    talk.close();
    client.close();
    await server.stop();
  }
}

/** By all statements that have to do with the index. */
async function rowsWritten(client: RestClient): Promise<number> {
  const { body } = await client.get("/bench/meter");
  const { rows_written_by } = meterReadingSchema.parse(body);
  const ours = Object.entries(rows_written_by).filter(([statement]) => /search|VIRTUAL/.test(statement));
  return ours.reduce((sum, [, rows]) => sum + rows, 0);
}

/** The newest page; while the index is built, as often as it takes. */
async function searchOnce(client: RestClient, { conversation_id }: SeededRoom, q: string) {
  const query = new URLSearchParams({ q, limit: String(PAGE) });
  let ms = 0;
  for (;;) {
    const answer = await client.get(`/api/conversations/${conversation_id}/messages/search?${query}`);
    if (answer.status !== 200) throw new Error(`a search was answered with ${answer.status}`);
    ms += answer.ms;
    const { items, next_cursor } = searchPageSchema.parse(answer.body);
    if (items.some(({ highlights }) => highlights.length === 0)) throw new Error("a hit without a reason");
    if (items.length > 0 || next_cursor === null) return { ms, hits: items.length };
    query.set("cursor", next_cursor);
  }
}

async function seedRoom(door: SeedDoor, messages: number): Promise<SeededRoom> {
  const [room] = await seedRooms(door, 1, 2);
  if (!room) throw new Error("no conversation was seeded");
  await door.fill(room.conversation_id, room.users[0]?.user_id ?? "", messages, null);
  return room;
}

/** Of the member who does not search. */
function socketUrl({ url, seeded }: UimServer<SeededRoom>): string {
  return uimRoom(url, "conversation", seeded).seats[1]?.url ?? "";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
