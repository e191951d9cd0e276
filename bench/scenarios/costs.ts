import type { LoadJob, Pace } from "../client/load-job.ts";
import { runInProcess } from "../client/run-in-process.ts";
import { costPerMessage, dollarsPerMillion } from "../prices.ts";
import type { BenchOptions, Row, Scenario } from "../scenario.ts";
import { type SeededRoom, type SocketKind, seedRooms, uimRoom } from "../servers/rooms.ts";
import type { Running } from "../servers/running.ts";
import { startUim } from "../servers/uim-server.ts";
import { type MeterReading, meterReadingSchema } from "../worker/meter-reading.ts";

const PAIRS = 50;
const GROUP_SIZE = 100;
const KINDS: readonly SocketKind[] = ["conversation", "device"];

/** Every message of a pair has so long to itself: the alarm that it sets fires 15 s later. */
const ALONE_MS = 20_000;

/** After so long nothing more comes of what was sent: the last alarm has fired. */
const SETTLE_MS = 17_000;

/**
 * What a message costs at published prices, counted by a server with a meter. Heartbeats are not looked after meanwhile:
 * that costs the connection, whether it is used or not.
 */
const METERED = { metered: true, vars: { HEARTBEAT_TIMEOUT_MS: "3600000" } } as const;

export const costs: Scenario = {
  name: "cost",
  title: "Cost of a message: alone, under load, in a group",
  async run(options) {
    const rows: Row[] = [];
    // These servers have next to nothing to do, so both kinds of sockets are counted at once.
    rows.push(...(await Promise.all(KINDS.map((kind) => aloneRow(kind, options)))).flat());
    for (const kind of KINDS) rows.push(...(await loadedRow(kind, options)));
    for (const kind of KINDS) rows.push(...(await groupRow(kind, options)));
    return rows;
  },
};

function aloneRow(kind: SocketKind, options: BenchOptions): Promise<Row[]> {
  const rounds = options.quick ? 1 : 3;
  const times = { warm_up_ms: options.quick ? 2_000 : ALONE_MS, measure_ms: rounds * ALONE_MS };
  const pace = { per_second: PAIRS / (ALONE_MS / 1000) };
  return meter(`cost/alone/${kind}`, options, {
    seed: [PAIRS, 2],
    job: (server, rooms) => job(kind, server, rooms, times, pace),
  });
}

function loadedRow(kind: SocketKind, options: BenchOptions): Promise<Row[]> {
  return meter(`cost/load/${kind}`, options, {
    seed: [PAIRS, 2],
    job: (server, rooms) => job(kind, server, rooms, options.times, { window: 32 }),
  });
}

function groupRow(kind: SocketKind, options: BenchOptions): Promise<Row[]> {
  return meter(`cost/group-${GROUP_SIZE}/${kind}`, options, {
    seed: [1, GROUP_SIZE],
    job: (server, rooms) => job(kind, server, rooms, options.times, { window: 32 }),
  });
}

function job(
  kind: SocketKind,
  server: Running,
  rooms: readonly SeededRoom[],
  times: BenchOptions["times"],
  pace: Pace,
): LoadJob {
  const seated = rooms.map((room) => uimRoom(server.url, kind, room));
  return { ...times, settle_ms: SETTLE_MS, rooms: seated, pace, server_pid: server.pid };
}

interface Plan {
  /** So many conversations of so many members. */
  readonly seed: readonly [number, number];
  readonly job: (server: Running, rooms: readonly SeededRoom[]) => LoadJob;
}

async function meter(key: string, options: BenchOptions, plan: Plan): Promise<Row[]> {
  if (!options.wants(key)) return [];
  const server = await startUim((door) => seedRooms(door, ...plan.seed), METERED);
  try {
    const readings: MeterReading[] = [];
    const read = async () => void readings.push(await readMeter(server.url));
    const load = await runInProcess(plan.job(server, server.seeded), { onReady: read, onSettled: read });
    const [before, after] = readings;
    if (!before || !after || load.acked_in_all === 0) throw new Error(`${key}: nothing was metered`);
    const figures = figuresOf(difference(after, before), load.acked_in_all);
    options.log(
      `  ${key}: ${figures.rows_written?.toFixed(2)} rows, $${figures.dollars_total?.toFixed(2)} per million`,
    );
    return [{ key, load, figures }];
  } finally {
    await server.stop();
  }
}

function figuresOf(reading: MeterReading, messages: number): Record<string, number> {
  const cost = costPerMessage(reading, messages);
  const dollars = dollarsPerMillion(cost);
  return {
    messages,
    ...cost,
    ...Object.fromEntries(
      Object.entries(reading.rows_written_by).map(([name, rows]) => [`rows: ${name}`, rows / messages]),
    ),
    ...Object.fromEntries(Object.entries(dollars).map(([name, amount]) => [`dollars_${name}`, amount])),
  };
}

function difference(after: MeterReading, before: MeterReading): MeterReading {
  return {
    rows_written: after.rows_written - before.rows_written,
    rows_read: after.rows_read - before.rows_read,
    alarms_set: after.alarms_set - before.alarms_set,
    object_calls: after.object_calls - before.object_calls,
    alarms_fired: after.alarms_fired - before.alarms_fired,
    socket_messages: after.socket_messages - before.socket_messages,
    wakings: after.wakings - before.wakings,
    awake_ms: after.awake_ms - before.awake_ms,
    rows_written_by: Object.fromEntries(
      Object.entries(after.rows_written_by).map(([name, rows]) => [
        name,
        rows - (before.rows_written_by[name] ?? 0),
      ]),
    ),
  };
}

async function readMeter(url: string): Promise<MeterReading> {
  const response = await fetch(`${url}/bench/meter`);
  return meterReadingSchema.parse(await response.json());
}
