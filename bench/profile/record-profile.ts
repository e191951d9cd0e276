import fs from "node:fs";
import path from "node:path";
import type { LoadEvents } from "../client/run-in-process.ts";
import type { BenchOptions } from "../scenario.ts";
import { Inspector } from "./inspector.ts";
import { cpuProfileSchema, topFunctions } from "./top-functions.ts";

export interface ProfileOptions {
  readonly port: number;
  readonly folder: string;
  readonly name: string;
  readonly log: (line: string) => void;
}

const TOP = 40;
const SAMPLING_US = 200;

/** Does some work, and profiles the server meanwhile if that was asked for. */
export function profiled<T>(
  { key, inspector_port }: { key: string; inspector_port?: number | undefined },
  { profile, log }: BenchOptions,
  work: () => Promise<T>,
): Promise<T> {
  if (profile === null || inspector_port === undefined) return work();
  return recordProfile(
    { port: inspector_port, folder: profile, name: key, log },
    async ({ onBegin, onEnd }) => {
      onBegin();
      const result = await work();
      onEnd();
      return result;
    },
  );
}

/** Profiles the server while a load is measured, writes a .cpuprofile and prints where the time went. */
export async function recordProfile<T>(
  { port, folder, name, log }: ProfileOptions,
  run: (events: Required<Pick<LoadEvents, "onBegin" | "onEnd">>) => Promise<T>,
): Promise<T> {
  const inspector = await Inspector.connect(port);
  await inspector.call("Profiler.enable");
  await inspector.call("Profiler.setSamplingInterval", { interval: SAMPLING_US });
  let stopped: Promise<unknown> = Promise.resolve(null);
  const result = await run({
    onBegin: () => void inspector.call("Profiler.start"),
    onEnd: () => {
      stopped = inspector.call("Profiler.stop");
    },
  });
  const { profile } = cpuProfileSchema.parse(await stopped);
  inspector.close();
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name.replaceAll("/", "-")}.cpuprofile`);
  fs.writeFileSync(file, JSON.stringify(profile));
  log(`\n${file}`);
  for (const { self_percent, where } of topFunctions(profile, TOP)) {
    log(`  ${self_percent.toFixed(1).padStart(5)} %  ${where}`);
  }
  return result;
}
