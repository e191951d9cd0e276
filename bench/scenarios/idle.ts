import { setTimeout as sleep } from "node:timers/promises";
import { Connections } from "../client/connections.ts";
import { profiled } from "../profile/record-profile.ts";
import type { BenchOptions, Row, Scenario } from "../scenario.ts";
import { deviceUrl } from "../servers/rooms.ts";
import { startUim } from "../servers/uim-server.ts";
import { affordableDevices, cpuMs, openFiles, rssBytes } from "../servers/usage.ts";
import { meterReadingSchema } from "../worker/meter-reading.ts";

const COUNTS = [1_000, 10_000];
const PARALLEL = 64;

/** An object hibernates when it has had nothing to do for 10 s. */
const UNTIL_HIBERNATION_MS = 15_000;
const IDLE_MS = 5_000;
/** An object has written down that its device has left. */
const UNTIL_LEFT_MS = 2_000;

const WAVES = 5;
const WAVE = 250;

/** Device sockets that say nothing: how fast they come, and what they hold while they do nothing. */
export const idle: Scenario = {
  name: "idle",
  title: `Idle connections: ${COUNTS.join(" and ")}`,
  async run(options) {
    const rows: Row[] = [];
    for (const count of options.quick ? [100] : COUNTS) {
      if (options.wants(`idle/${count}`)) rows.push(await hold(count, options));
    }
    if (options.wants("idle/waves")) rows.push(await holdInWaves(options));
    if (options.wants("idle/hibernation"))
      rows.push(await countSleepers(options.quick ? 100 : 1_000, options));
    return rows;
  },
};

async function hold(wanted: number, options: BenchOptions): Promise<Row> {
  const { log } = options;
  const count = affordableDevices(wanted);
  if (count < wanted) log(`  only ${count} of ${wanted}: a process may not open more files here (ulimit -n)`);
  const server = await startUim((door) => door.users(count), { inspect: options.profile !== null });
  const connections = new Connections();
  try {
    const { pid, url, seeded, inspector_port } = server;
    const rss_before = rssBytes(pid);
    const cpu_before = cpuMs(pid);
    const urls = seeded.map((user) => deviceUrl(url, user));
    const opening = await profiled({ key: `idle/${wanted}`, inspector_port }, options, () =>
      connections.openAll(urls, PARALLEL),
    );
    const cpu_ms = cpuMs(pid) - cpu_before;
    const rss_awake = rssBytes(pid);
    await sleep(UNTIL_HIBERNATION_MS);
    const cpu_asleep = cpuMs(pid);
    await sleep(IDLE_MS);
    const figures = {
      connections: count,
      connections_per_second: count / opening.seconds,
      connect_p50_ms: opening.connect_ms.p50,
      connect_p99_ms: opening.connect_ms.p99,
      connect_server_cpu_ms: cpu_ms / count,
      kib_per_connection_awake: (rss_awake - rss_before) / count / 1024,
      kib_per_connection: (rssBytes(pid) - rss_before) / count / 1024,
      idle_server_cpu: (cpuMs(pid) - cpu_asleep) / IDLE_MS,
      dropped: connections.dropped,
      open_files: openFiles(pid),
      client_cpu: opening.client_cpu,
    };
    log(
      `  ${count}: ${figures.connections_per_second.toFixed(0)} connections/s, ${figures.kib_per_connection.toFixed(1)} KiB each`,
    );
    return { key: `idle/${wanted}`, figures };
  } finally {
    await connections.closeAll();
    await server.stop();
  }
}

/**
 * What one more connection holds, rather than what a burst of them leaves: an allocator keeps what it needed while all
 * objects were awake, so devices come in waves, each when the one before sleeps, and the first wave does not count. Then
 * what it costs to come back to an object that is awake, and to one that sleeps.
 */
async function holdInWaves({ quick, log }: BenchOptions): Promise<Row> {
  const size = quick ? 25 : WAVE;
  const waves = quick ? 2 : WAVES;
  const server = await startUim((door) => door.users(size * waves));
  const connections = new Connections();
  const urls = server.seeded.map((user) => deviceUrl(server.url, user));
  const reopen = async (after_ms: number) => {
    await connections.closeAll();
    await sleep(after_ms);
    const cpu_before = cpuMs(server.pid);
    const { seconds } = await connections.openAll(urls, PARALLEL);
    return { per_second: urls.length / seconds, cpu_ms: (cpuMs(server.pid) - cpu_before) / urls.length };
  };
  try {
    const held: number[] = [];
    for (let wave = 0; wave < waves; wave++) {
      await connections.openAll(urls.slice(wave * size, (wave + 1) * size), PARALLEL);
      await sleep(UNTIL_HIBERNATION_MS);
      held.push(rssBytes(server.pid));
    }
    const grown = (held.at(-1) ?? 0) - (held[0] ?? 0);
    // The end of a socket wakes its object, so that whoever comes back at once finds it awake.
    const awake = await reopen(UNTIL_LEFT_MS);
    const asleep = await reopen(UNTIL_HIBERNATION_MS);
    const figures = {
      connections: urls.length,
      kib_per_connection: grown / (size * (waves - 1)) / 1024,
      reconnections_per_second_awake: awake.per_second,
      reconnect_server_cpu_ms_awake: awake.cpu_ms,
      reconnections_per_second_asleep: asleep.per_second,
      reconnect_server_cpu_ms_asleep: asleep.cpu_ms,
      dropped: connections.dropped,
    };
    log(
      `  in ${waves} waves: ${figures.kib_per_connection.toFixed(1)} KiB each; back ${awake.per_second.toFixed(0)}/s to objects awake, ${asleep.per_second.toFixed(0)}/s to objects asleep`,
    );
    return { key: "idle/waves", figures };
  } finally {
    await connections.closeAll();
    await server.stop();
  }
}

/** How many of the objects had really gone to sleep: those that were made anew when a frame woke them. */
async function countSleepers(count: number, { log }: BenchOptions): Promise<Row> {
  const server = await startUim((door) => door.users(count), { metered: true });
  const connections = new Connections();
  const wakings = async () => {
    const response = await fetch(`${server.url}/bench/meter`);
    return meterReadingSchema.parse(await response.json()).wakings;
  };
  try {
    await connections.openAll(
      server.seeded.map((user) => deviceUrl(server.url, user)),
      PARALLEL,
    );
    await sleep(UNTIL_HIBERNATION_MS);
    const before = await wakings();
    // Not the heartbeat that is answered without waking.
    connections.sendAll('{"type":"HEARTBEAT_PING","request_id":"wake"}');
    await sleep(IDLE_MS);
    const hibernated = ((await wakings()) - before) / count;
    log(
      `  ${(hibernated * 100).toFixed(0)} % of ${count} objects had hibernated after ${UNTIL_HIBERNATION_MS / 1000} s`,
    );
    return { key: "idle/hibernation", figures: { hibernated, connections: count } };
  } finally {
    await connections.closeAll();
    await server.stop();
  }
}
