import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeMachine } from "../report/results.ts";
import { startUim } from "../servers/uim-server.ts";
import { Crowd } from "./crowd.ts";
import { checkServerLog, comeToRest, settleAccounts } from "./final-check.ts";
import { befriendPairs } from "./friends.ts";
import { type CommandLine, OUTPUT } from "./options.ts";
import { seedPlan } from "./plan.ts";
import { minuteHead, minuteLine } from "./report.ts";
import { type Minute, type SoakResults, soakResultsSchema } from "./results.ts";
import { measureSizes, Sampler } from "./sampler.ts";
import { Tally } from "./tally.ts";
import { Traffic } from "./traffic.ts";
import { World } from "./world.ts";

const MINUTE_MS = 60_000;

/** An object sleeps when it has had nothing to do for 10 s. */
const UNTIL_REST_MS = 20_000;

export const RESULTS = path.join(OUTPUT, "results.json");

/** Runs the server under mixed traffic, and settles the accounts. */
export async function runSoak(
  { minutes, rate }: Pick<CommandLine, "minutes" | "rate">,
  log: (line: string) => void,
): Promise<SoakResults> {
  const at = new Date();
  log("Making users and conversations …");
  const server = await startUim(seedPlan);
  const tally = new Tally();
  const world = new World(server.url, tally);
  const crowd = new Crowd(world, server.seeded);
  const traffic = new Traffic(world, crowd, rate);
  try {
    const { folder_bytes: seeded_bytes } = await measureSizes(server);
    await befriendPairs(world, crowd);
    await crowd.start(minutes);
    log(`${crowd.devices.length} devices are connected. ${minutes} minutes.\n${minuteHead()}`);
    const sampler = new Sampler(server, tally);
    traffic.start();
    const begun_at = performance.now();
    const sampled: Minute[] = [];
    for (let minute = 1; minute <= minutes; minute++) {
      await sleep(begun_at + minute * MINUTE_MS - performance.now());
      const sample = await sampler.sample(minute);
      sampled.push(sample);
      log(minuteLine(sample));
    }
    traffic.stop();
    world.isLively = false;
    log("Everybody comes back, and the accounts are settled …");
    await crowd.gather();
    await comeToRest(crowd);
    const account = await settleAccounts(world, crowd);
    await sleep(UNTIL_REST_MS);
    const at_rest = await measureSizes(server);
    checkServerLog(server.data_folder, world);
    const results = soakResultsSchema.parse({
      at: at.toISOString(),
      machine: describeMachine(),
      users: server.seeded.users.length,
      devices: crowd.devices.length,
      conversations: crowd.conversations.length,
      rate,
      seeded_bytes,
      minutes: sampled,
      at_rest,
      ...account,
      gaps: tally.gaps,
      error_count: tally.error_count,
      errors: tally.errors,
    });
    fs.mkdirSync(OUTPUT, { recursive: true });
    fs.writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
    return results;
  } finally {
    traffic.stop();
    await crowd.stop();
    await server.stop();
  }
}
