import path from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "../../scripts/lib/failure.mjs";
import { SCRATCH } from "../../scripts/lib/paths.mjs";

export const USAGE = `npm run soak [-- options]

  --minutes <n>    how long                                    (default 60)
  --write-docs     puts the figures of the run into docs/reliability.md; an hour at least
  --from <file>    runs nothing; reports on an earlier run, as .uim/soak/results.json`;

/** What is worth a place in the documents. */
const MINUTES_FOR_DOCS = 60;

export interface CommandLine {
  readonly help: boolean;
  readonly minutes: number;
  readonly writeDocs: boolean;
  /** The results of an earlier run, instead of a run. */
  readonly from: string | null;
}

/** Where the results go; git ignores it. */
export const OUTPUT = path.join(SCRATCH, "soak");

export function readCommandLine(args: readonly string[]): CommandLine {
  const { help, minutes: text, from, "write-docs": writeDocs } = parseFlags(args);
  const minutes = Number(text);
  if (!(Number.isInteger(minutes) && minutes > 0))
    throw new Failure(`--minutes must be a number from 1 on, not "${text}".\n\n${USAGE}`);
  if (writeDocs && from === undefined && minutes < MINUTES_FOR_DOCS)
    throw new Failure(`Only a run of ${MINUTES_FOR_DOCS} minutes or more goes into the documents.`);
  return {
    help,
    minutes,
    writeDocs,
    from: from === undefined ? null : path.resolve(process.env.INIT_CWD ?? process.cwd(), from),
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string", default: "60" },
        from: { type: "string" },
        "write-docs": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new Failure(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}
