import fs from "node:fs";
import { runMain } from "../../scripts/lib/failure.mjs";
import { shortPath } from "../../scripts/lib/paths.mjs";
import { onParentGone } from "../../scripts/lib/process.mjs";
import { renderText } from "../report/table.ts";
import { writeDocs } from "./docs.ts";
import { readCommandLine, refuseTooShort, USAGE } from "./options.ts";
import { findings, tablesOf } from "./report.ts";
import { type SoakResults, soakResultsSchema } from "./results.ts";
import { RESULTS, runSoak } from "./run.ts";

await runMain(async () => {
  // What was started dies with this process: the server by its guard.
  onParentGone(() => process.exit(1));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  const options = readCommandLine(process.argv.slice(2));
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const log = (line: string) => console.log(line);
  if (options.from !== null) return report(readResults(options.from), options.writeDocs, log);
  const results = await runSoak(options, log);
  log(`\nWritten: ${shortPath(RESULTS)}`);
  return report(results, options.writeDocs, log);
});
// What a failure has left running would keep this process.
process.exit();

function readResults(file: string): SoakResults {
  return soakResultsSchema.parse(JSON.parse(fs.readFileSync(file, "utf8")));
}

/** Prints the tables. The exit code: 1 if a message, a mark or a count came to harm, or a request was refused. */
function report(results: SoakResults, isForDocs: boolean, log: (line: string) => void): number {
  for (const table of tablesOf(results)) log(`\n${renderText(table)}`);
  const found = findings(results);
  if (found.length > 0) {
    console.error(`\nFAILED\n${found.map((finding) => `  ${finding}`).join("\n")}`);
    return 1;
  }
  log(
    `\nNothing lost, nothing doubled, nothing out of order; ${results.read_back} messages read back, ` +
      `${results.inbox_rows} unread counts exact, ${results.repeated} messages given again for want of an ack, ` +
      `${results.gaps} gaps fetched.`,
  );
  if (isForDocs) {
    refuseTooShort(results.minutes.length);
    writeDocs(results);
  }
  return 0;
}
