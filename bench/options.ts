import path from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "../scripts/lib/failure.mjs";
import { SCRATCH } from "../scripts/lib/paths.mjs";
import type { BenchOptions } from "./scenario.ts";

export const USAGE = `npm run bench [-- options]

  --only <key>     only this: one-to-one, one-to-one/device, one-to-one/conversation/32; may be repeated
  --quick          shorter times and smaller crowds, one repetition: to see that it works, not how fast
  --repeat <n>     how often what is compared is run; the median is reported     (default 3)
  --profile        writes a CPU profile of the server for each variant, prints its top functions; repeats nothing
  --write-docs     puts the tables and the chart of a whole run into docs/
  --from <file>    runs nothing; reports on an earlier run, as .uim/bench/results.json
  --list           names the scenarios`;

export interface CommandLine extends BenchOptions {
  readonly command: "run" | "list" | "help";
  readonly writeDocs: boolean;
  /** The results of an earlier run, instead of a run. */
  readonly from: string | null;
}

/** Where reports and profiles go; git ignores it. */
export const OUTPUT = path.join(SCRATCH, "bench");

export function readCommandLine(args: readonly string[]): CommandLine {
  const flags = parseFlags(args);
  const { quick, profile, only, "write-docs": writeDocs } = flags;
  if (writeDocs && (quick || profile || only.length > 0))
    throw new Failure(
      "Only a whole run goes into the documents: --write-docs without --quick, --profile and --only.",
    );
  return {
    command: flags.help ? "help" : flags.list ? "list" : "run",
    quick,
    repetitions: readRepetitions(flags.repeat, quick || profile ? 1 : 3),
    times: quick ? { warm_up_ms: 500, measure_ms: 1_000 } : { warm_up_ms: 1_500, measure_ms: 5_000 },
    profile: profile ? path.join(OUTPUT, "profiles") : null,
    writeDocs,
    from: flags.from === undefined ? null : path.resolve(process.env.INIT_CWD ?? process.cwd(), flags.from),
    // A scenario is wanted for the sake of its rows, so either may be the part of the other.
    wants: (key) => only.length === 0 || only.some((name) => isPartOf(key, name) || isPartOf(name, key)),
    log: (line) => console.log(line),
  };
}

/** "one-to-one/device/1" is part of "one-to-one/device", and of itself. */
function isPartOf(key: string, whole: string): boolean {
  return key === whole || key.startsWith(`${whole}/`);
}

function readRepetitions(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const repetitions = Number(text);
  if (Number.isInteger(repetitions) && repetitions > 0) return repetitions;
  throw new Failure(`--repeat must be a number from 1 on, not "${text}".\n\n${USAGE}`);
}

function parseFlags(args: readonly string[]) {
  const flag = { type: "boolean", default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: "string", multiple: true, default: [] },
        repeat: { type: "string" },
        from: { type: "string" },
        quick: flag,
        profile: flag,
        "write-docs": flag,
        list: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    throw new Failure(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}
