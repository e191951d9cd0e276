import path from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "../../scripts/lib/failure.mjs";
import { SCRATCH } from "../../scripts/lib/paths.mjs";

export const USAGE = `npm run soak [-- options]

  --minutes <n>    how long                                    (default 60)
  --rate <n>       so many times the usual traffic             (default 1)
  --write-docs     puts the figures of the run into docs/reliability.md; an hour at least
  --from <file>    runs nothing; reports on an earlier run, as .uim/soak/results.json`;

const MINUTES_FOR_DOCS = 60;

export interface CommandLine {
  readonly help: boolean;
  readonly minutes: number;
  /** So many times the usual traffic: an hour of it fills the server's memory as far as a day would. */
  readonly rate: number;
  readonly writeDocs: boolean;
  /** The results of an earlier run, instead of a run. */
  readonly from: string | null;
}

/** Where the results go; git ignores it. */
export const OUTPUT = path.join(SCRATCH, "soak");

export function readCommandLine(args: readonly string[]): CommandLine {
  const { help, from, "write-docs": writeDocs, ...numbers } = parseFlags(args);
  const minutes = countFrom("--minutes", numbers.minutes);
  const rate = countFrom("--rate", numbers.rate);
  if (writeDocs && from === undefined) refuseTooShort(minutes);
  return {
    help,
    minutes,
    rate,
    writeDocs,
    from: from === undefined ? null : path.resolve(process.env.INIT_CWD ?? process.cwd(), from),
  };
}

/** What is worth a place in the documents is so long. */
export function refuseTooShort(minutes: number): void {
  if (minutes >= MINUTES_FOR_DOCS) return;
  throw new Failure(`Only a run of ${MINUTES_FOR_DOCS} minutes or more goes into the documents.`);
}

function countFrom(flag: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Failure(`${flag} must be a number from 1 on, not "${text}".\n\n${USAGE}`);
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string", default: "60" },
        rate: { type: "string", default: "1" },
        from: { type: "string" },
        "write-docs": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new Failure(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}
