import { RestClient, repeat } from "../client/rest.ts";
import type { Scenario } from "../scenario.ts";
import { startUim } from "../servers/uim-server.ts";
import { cpuMs } from "../servers/usage.ts";
import { SEED_PASSWORD } from "../worker/seed-requests.ts";

const LOGINS = 100;
const PARALLEL = 8;

/** Signing in with a password, which is slow on purpose: the hash is what an attacker would have to compute. */
export const login: Scenario = {
  name: "login",
  title: `Login: ${PARALLEL} at a time`,
  async run({ quick, log }) {
    const count = quick ? 10 : LOGINS;
    const server = await startUim((door) => door.users(count));
    const client = new RestClient(server.url);
    try {
      const cpu_before = cpuMs(server.pid);
      const { spread, seconds } = await repeat(count, PARALLEL, async (index) => {
        const username = server.seeded[index]?.username;
        const answer = await client.post("/api/auth/login", { username, password: SEED_PASSWORD });
        if (answer.status !== 200) throw new Error(`login: ${JSON.stringify(answer.body)}`);
        return answer.ms;
      });
      log(`  ${(count / seconds).toFixed(1)} logins/s`);
      const figures = {
        logins_per_second: count / seconds,
        p50_ms: spread.p50,
        p99_ms: spread.p99,
        server_cpu_ms: (cpuMs(server.pid) - cpu_before) / count,
      };
      return [{ key: "login", figures }];
    } finally {
      client.close();
      await server.stop();
    }
  },
};
