import { Connections } from "../client/connections.ts";
import type { Scenario } from "../scenario.ts";
import { deviceUrl } from "../servers/rooms.ts";
import { startUim } from "../servers/uim-server.ts";
import { affordableDevices, cpuMs } from "../servers/usage.ts";

const DEVICES = 5_000;

/** The server crashes and comes back, and every device with it. */
export const storm: Scenario = {
  name: "storm",
  title: `Reconnect storm: ${DEVICES} devices after a crash of the server, backoff with full jitter`,
  async run({ quick, log }) {
    const count = quick ? 100 : affordableDevices(DEVICES);
    if (!quick && count < DEVICES) log(`  only ${count}: a process may not open more files here (ulimit -n)`);
    const server = await startUim((door) => door.users(count));
    const connections = new Connections();
    const urls = server.seeded.map((user) => deviceUrl(server.url, user));
    try {
      await connections.openAll(urls, 64);
      const [, opening] = await Promise.all([server.crash(), connections.reopenAll(urls)]);
      log(
        `  ${opening.connect_ms.count} of ${count} back in sync after ${opening.seconds.toFixed(1)} s, ${opening.retries} retries`,
      );
      const figures = {
        devices: count,
        back: opening.connect_ms.count,
        seconds: opening.seconds,
        connections_per_second: opening.connect_ms.count / opening.seconds,
        back_p50_ms: opening.connect_ms.p50,
        back_p99_ms: opening.connect_ms.p99,
        back_max_ms: opening.connect_ms.max,
        retries: opening.retries,
        server_cpu_ms: cpuMs(server.pid) / count,
        client_cpu: opening.client_cpu,
      };
      return [{ key: `storm/${DEVICES}`, figures }];
    } finally {
      await connections.closeAll();
      await server.stop();
    }
  },
};
