import { countFaults, type Faults, NO_FAULTS } from "../client/faults.ts";
import { repeat } from "../client/rest.ts";
import { type Sync, syncDevice } from "../client/sync.ts";
import type { BenchOptions, Row, Scenario } from "../scenario.ts";
import { deviceUrl } from "../servers/rooms.ts";
import type { SeedDoor } from "../servers/seed-door.ts";
import { startUim } from "../servers/uim-server.ts";
import { cpuMs } from "../servers/usage.ts";
import type { SeededUser } from "../worker/seed-requests.ts";

const CONTENT = "x".repeat(100);
const SYNCS = 50;

/** What waits for a device: so many messages in each of so many conversations. */
interface Backlog {
  readonly name: string;
  readonly conversations: number;
  readonly each: number;
}

const BACKLOGS: readonly Backlog[] = [
  { name: "1000", conversations: 10, each: 100 },
  { name: "1000-in-one", conversations: 1, each: 1_000 },
  { name: "10000", conversations: 50, each: 200 },
];

/** A device comes back to what it has missed; it does not ack, so it can come back to the same again. */
export const sync: Scenario = {
  name: "sync",
  title: "Offline sync: from the connection to the last message, 1,000 and 10,000 of them",
  async run(options) {
    const rows: Row[] = [];
    for (const backlog of BACKLOGS) {
      if (options.wants(`sync/${backlog.name}`)) rows.push(await measure(backlog, options));
    }
    return rows;
  },
};

async function measure(backlog: Backlog, { quick, log }: BenchOptions): Promise<Row> {
  const server = await startUim((door) => seedBacklog(door, backlog));
  const wsUrl = deviceUrl(server.url, server.seeded);
  let faults = NO_FAULTS;
  const syncOnce = async () => {
    const synced = await syncDevice(wsUrl, server.url, server.seeded.access_token);
    faults = worse(faults, faultsOf(synced, backlog));
    return synced.ms;
  };
  try {
    // The objects are asleep at first.
    const cold_ms = await syncOnce();
    const cpu_before = cpuMs(server.pid);
    const count = quick ? 5 : SYNCS;
    const { spread } = await repeat(count, 1, syncOnce);
    log(
      `  ${backlog.name}: p50 ${spread.p50.toFixed(1)} ms, p95 ${spread.p95.toFixed(1)} ms, cold ${cold_ms.toFixed(1)} ms`,
    );
    const figures = {
      messages: backlog.conversations * backlog.each,
      conversations: backlog.conversations,
      cold_ms,
      p50_ms: spread.p50,
      p95_ms: spread.p95,
      max_ms: spread.max,
      server_cpu_ms: (cpuMs(server.pid) - cpu_before) / count,
    };
    return { key: `sync/${backlog.name}`, figures, faults };
  } finally {
    await server.stop();
  }
}

async function seedBacklog(door: SeedDoor, { conversations, each }: Backlog): Promise<SeededUser> {
  const [away, ...senders] = await door.users(conversations + 1);
  if (!away) throw new Error("nobody was seeded");
  const ids = await door.conversations(senders.map(({ user_id }) => [user_id, away.user_id]));
  for (const [index, { user_id }] of senders.entries()) {
    await door.fill(ids[index] ?? "", user_id, each, CONTENT);
  }
  return away;
}

/** Every place of every conversation once; what was pushed, ascending. */
function faultsOf({ seqs, reordered }: Sync, { conversations, each }: Backlog): Faults {
  let lost = Math.max(0, conversations - seqs.size) * each;
  let doubled = 0;
  for (const places of seqs.values()) {
    const distinct = new Set(places).size;
    lost += each - distinct;
    doubled += places.length - distinct;
  }
  return { lost, doubled, reordered };
}

function worse(left: Faults, right: Faults): Faults {
  return countFaults(left) >= countFaults(right) ? left : right;
}
