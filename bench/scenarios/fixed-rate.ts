import { runInterleaved } from "../interleave.ts";
import type { BenchOptions, Row, Scenario } from "../scenario.ts";
import { seedRooms, uimRoom } from "../servers/rooms.ts";
import { startUim } from "../servers/uim-server.ts";

const PAIRS = 50;
const RATES = [100, 500, 2_000];
/** The one that a target speaks of. */
const JUDGED = 500;
/** V8 collects its old generation every five seconds there, and all wait for it: a shorter run would hold that once or never. */
const JUDGED_MS = 20_000;

/** So many messages a second in all, due at their times whether the server keeps up or not. */
export const fixedRate: Scenario = {
  name: "fixed-rate",
  title: `Fixed rates: ${RATES.join(", ")} messages/s over ${PAIRS} pairs; latency from the time a message was due`,
  async run(options) {
    const uim = await startUim((door) => seedRooms(door, PAIRS, 2), { inspect: options.profile !== null });
    const { inspector_port } = uim;
    try {
      const rows: Row[] = [];
      for (const kind of ["conversation", "device"] as const) {
        const rooms = uim.seeded.map((pair) => uimRoom(uim.url, kind, pair));
        const variants = RATES.map((per_second) => ({
          key: `fixed-rate/${kind}/${per_second}`,
          inspector_port,
          once: per_second !== JUDGED,
          job: { ...timesAt(per_second, options), rooms, pace: { per_second }, server_pid: uim.pid },
        }));
        rows.push(...(await runInterleaved(variants, options)));
      }
      return rows;
    } finally {
      await uim.stop();
    }
  },
};

function timesAt(per_second: number, { quick, times }: BenchOptions): BenchOptions["times"] {
  return per_second === JUDGED && !quick ? { ...times, measure_ms: JUDGED_MS } : times;
}
