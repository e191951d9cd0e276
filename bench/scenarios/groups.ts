import { runInterleaved } from "../interleave.ts";
import type { BenchOptions, Row, Scenario } from "../scenario.ts";
import { seedRooms, uimRoom } from "../servers/rooms.ts";
import { startUim } from "../servers/uim-server.ts";

const SIZES = [10, 50, 100, 1_000];
const SENDERS = [1, 5];
/** The size that targets speak of. */
const JUDGED = 100;
const WINDOW = 32;

/** One group, of which some members send and all the others receive. */
export const groups: Scenario = {
  name: "group",
  title: `Groups of ${SIZES.join(", ")} with ${SENDERS.join(" and ")} senders, window ${WINDOW}`,
  async run(options) {
    const rows: Row[] = [];
    for (const size of options.quick ? SIZES.slice(0, 2) : SIZES) {
      if (options.wants(`group/${size}`)) rows.push(...(await runSize(size, options)));
    }
    return rows;
  },
};

async function runSize(size: number, options: BenchOptions): Promise<Row[]> {
  const uim = await startUim((door) => seedRooms(door, 1, size), { inspect: options.profile !== null });
  const { inspector_port } = uim;
  try {
    const variants = (["conversation", "device"] as const).flatMap((kind) =>
      SENDERS.map((senders) => ({
        key: `group/${size}/${kind}/${senders}`,
        inspector_port,
        once: size !== JUDGED,
        job: {
          ...options.times,
          rooms: uim.seeded.map((room) => uimRoom(uim.url, kind, room, senders)),
          pace: { window: WINDOW },
          server_pid: uim.pid,
        },
      })),
    );
    return await runInterleaved(variants, options);
  } finally {
    await uim.stop();
  }
}
