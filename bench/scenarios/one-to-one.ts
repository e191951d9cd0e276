import { startBaseline } from "../baseline/baseline-server.ts";
import type { LoadJob, Room } from "../client/load-job.ts";
import { startEcho } from "../echo/echo-server.ts";
import { runInterleaved, type Variant } from "../interleave.ts";
import type { BenchOptions, Row, Scenario } from "../scenario.ts";
import { baselineRoom, echoRoom, type SeededRoom, seedRooms, uimRoom } from "../servers/rooms.ts";
import type { Running } from "../servers/running.ts";
import { startUim } from "../servers/uim-server.ts";

const PAIRS = 50;
const WINDOWS = [1, 8, 32];
/** Those that targets speak of. */
const JUDGED = [1, 32];

/** One of the systems that are compared, as the rooms it offers. */
interface Contender {
  readonly name: string;
  readonly server: Running;
  readonly rooms: readonly Room[];
  readonly job?: Partial<LoadJob>;
  readonly windows?: readonly number[];
}

/** Pairs of users, one sends, the other receives, with so many messages under way for each pair. */
export const oneToOne: Scenario = {
  name: "one-to-one",
  title: `One-to-one: ${PAIRS} pairs, windows ${WINDOWS.join(", ")}`,
  async run(options) {
    const uim = await startUim((door) => seedRooms(door, PAIRS, 2), { inspect: options.profile !== null });
    const baseline = await startBaseline(uim.seeded);
    const echo = await startEcho();
    try {
      const all = contenders(uim.seeded, { uim, baseline, echo });
      const rows: Row[] = [];
      for (const window of WINDOWS) {
        const here = all.filter(({ windows = WINDOWS }) => windows.includes(window));
        const variants = here.map((contender) => variantOf(contender, window, options));
        rows.push(...(await runInterleaved(variants, options)));
      }
      return rows;
    } finally {
      await Promise.all([uim.stop(), baseline.stop(), echo.stop()]);
    }
  },
};

function contenders(
  pairs: readonly SeededRoom[],
  { uim, baseline, echo }: Record<"uim" | "baseline" | "echo", Running>,
): Contender[] {
  const conversation = pairs.map((pair) => uimRoom(uim.url, "conversation", pair));
  const device = pairs.map((pair) => uimRoom(uim.url, "device", pair));
  const plain = pairs.map((pair) => baselineRoom(baseline.url, pair));
  const echoes = pairs.map((pair) => echoRoom(echo.url, pair));
  const silent = { receipts: false };
  return [
    { name: "conversation", rooms: conversation, server: uim },
    { name: "device", rooms: device, server: uim },
    { name: "baseline", rooms: plain, server: baseline, job: silent },
    { name: "echo", rooms: echoes, server: echo, job: { ...silent, echo: true } },
    { name: "echo-single", rooms: echoes, server: echo, job: { ...silent, echo: true, batch: false } },
    { name: "conversation-no-receipts", rooms: conversation, server: uim, job: silent, windows: [32] },
    { name: "device-no-receipts", rooms: device, server: uim, job: silent, windows: [32] },
  ];
}

function variantOf(
  { name, rooms, server, job, windows = WINDOWS }: Contender,
  window: number,
  options: BenchOptions,
): Variant {
  return {
    key: `one-to-one/${name}/${window}`,
    inspector_port: server.inspector_port,
    once: !JUDGED.includes(window) || windows !== WINDOWS,
    job: { ...options.times, rooms, pace: { window }, server_pid: server.pid, ...job },
  };
}
