import { z } from "zod";
import { startBare } from "../bare/bare-server.ts";
import { RestClient, repeat } from "../client/rest.ts";
import type { BenchOptions, Row, Scenario } from "../scenario.ts";
import { rssBytes } from "../servers/usage.ts";

const REQUESTS = [1_000, 10_000, 50_000, 100_000, 200_000];
const OBJECTS = 100;
const DATABASE_MIB = [0.5, 1, 2, 3, 4];
const ROWS_AT_ONCE = 100;
const PARALLEL = 64;
const MIB = 2 ** 20;

/** V8 lets its young generation grow to so many MiB before it collects, instead of to what it thinks fit. */
const SMALL_YOUNG_GENERATION = ["--max-semi-space-size=1"];

const answerSchema = z.object({ database_bytes: z.number() });

/** What workerd takes without any of UIM, and up to where: the more it has answered, and the more its objects have stored. */
export const memory: Scenario = {
  name: "memory",
  title: "Memory of workerd alone",
  async run(options) {
    const rows: Row[] = [];
    if (options.wants("memory/requests")) rows.push(await answer("memory/requests", [], options));
    if (options.wants("memory/requests, small young generation"))
      rows.push(await answer("memory/requests, small young generation", SMALL_YOUNG_GENERATION, options));
    if (options.wants("memory/databases")) rows.push(await store("memory/databases", options));
    return rows;
  },
};

/** One object that stores nothing. */
async function answer(key: string, v8Flags: readonly string[], { quick, log }: BenchOptions): Promise<Row> {
  const server = await startBare(v8Flags);
  const client = new RestClient(server.url);
  try {
    const figures: Record<string, number> = { "MiB at first": rssBytes(server.pid) / MIB };
    let answered = 0;
    for (const requests of quick ? REQUESTS.slice(0, 1) : REQUESTS) {
      await repeat(requests - answered, PARALLEL, async () => (await client.get("/one?rows=0")).ms);
      answered = requests;
      figures[`after ${requests.toLocaleString("en-US")}`] = rssBytes(server.pid) / MIB;
    }
    log(`  ${key}: ${summaryOf(figures)}`);
    return { key, figures };
  } finally {
    client.close();
    await server.stop();
  }
}

/** Many objects whose databases grow, all of them awake. The young generation is small, so that it is not what grows. */
async function store(key: string, { quick, log }: BenchOptions): Promise<Row> {
  const server = await startBare(SMALL_YOUNG_GENERATION);
  const client = new RestClient(server.url);
  const objects = quick ? 10 : OBJECTS;
  try {
    const figures: Record<string, number> = { "MiB at first": rssBytes(server.pid) / MIB };
    let database_bytes = 0;
    for (const mib of quick ? DATABASE_MIB.slice(0, 1) : DATABASE_MIB) {
      while (database_bytes < mib * MIB) {
        await repeat(objects, PARALLEL, async (index) => {
          const { body, ms } = await client.get(`/${index}?rows=${ROWS_AT_ONCE}`);
          ({ database_bytes } = answerSchema.parse(body));
          return ms;
        });
      }
      figures[`of ${mib} MiB each`] = rssBytes(server.pid) / MIB;
    }
    log(`  ${key}: ${summaryOf(figures)}`);
    return { key, figures };
  } finally {
    client.close();
    await server.stop();
  }
}

function summaryOf(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, mib]) => `${name} ${mib.toFixed(0)}`)
    .join(", ");
}
