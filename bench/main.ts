import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Failure, runMain } from "../scripts/lib/failure.mjs";
import { shortPath } from "../scripts/lib/paths.mjs";
import { onParentGone } from "../scripts/lib/process.mjs";
import { type CommandLine, OUTPUT, readCommandLine, USAGE } from "./options.ts";
import { throughputChart } from "./report/chart.ts";
import { writeDocs } from "./report/docs.ts";
import { type Results, resultsOf, resultsSchema } from "./report/results.ts";
import { sectionsOf } from "./report/sections.ts";
import { renderText } from "./report/table.ts";
import { findFaults } from "./report/verdict.ts";
import type { Row } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/all.ts";
import { isOnDisk } from "./servers/data-folder.ts";

const RESULTS = path.join(OUTPUT, "results.json");

await runMain(async () => {
  // What was started dies with this process: the servers by their guards, the others by their channels.
  onParentGone(() => process.exit(1));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));
  const options = readCommandLine(process.argv.slice(2));
  if (options.command === "help") console.log(USAGE);
  else if (options.command === "list")
    for (const { name, title } of SCENARIOS) console.log(`${name.padEnd(12)}${title}`);
  else return report(options.from === null ? await measure(options) : readResults(options.from), options);
  return 0;
});
// What a failure has left running would keep this process.
process.exit();

async function measure(options: CommandLine): Promise<Results> {
  if (!isOnDisk())
    options.log(
      `${os.tmpdir()} is in memory, so that no commit waits for a disk: name another folder in TMPDIR.`,
    );
  const begun_at = new Date();
  const rows: Row[] = [];
  fs.mkdirSync(OUTPUT, { recursive: true });
  for (const scenario of SCENARIOS.filter(({ name }) => options.wants(name))) {
    options.log(`\n${scenario.title}`);
    rows.push(...(await scenario.run(options)));
    // After each: what follows may be stopped.
    fs.writeFileSync(RESULTS, `${JSON.stringify(resultsOf(rows, begun_at), null, 2)}\n`);
  }
  if (rows.length === 0) throw new Failure(`Nothing is called so.\n\n${USAGE}`);
  fs.writeFileSync(path.join(OUTPUT, "one-to-one.svg"), throughputChart(rows));
  const minutes = (Date.now() - begun_at.getTime()) / 60_000;
  options.log(`\n${minutes.toFixed(1)} minutes. Written: ${shortPath(RESULTS)}`);
  return resultsOf(rows, begun_at);
}

function readResults(file: string): Results {
  return resultsSchema.parse(JSON.parse(fs.readFileSync(file, "utf8")));
}

/** Prints the tables. The exit code: 1 if a message came to harm. */
function report(results: Results, { writeDocs: isForDocs, log }: CommandLine): number {
  for (const table of sectionsOf(results.rows)) log(`\n${renderText(table)}`);
  const faults = findFaults(results.rows);
  if (faults.length > 0) {
    console.error(
      `\nFAILED: acknowledged messages came to harm\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
    );
    return 1;
  }
  log("\nNothing lost, nothing doubled, nothing out of order.");
  if (isForDocs) {
    const missing = SCENARIOS.filter(
      ({ name }) => !results.rows.some(({ key }) => key.split("/")[0] === name),
    );
    if (missing.length > 0)
      throw new Failure(`Only a whole run goes into the documents: ${missing[0]?.name} is not in this one.`);
    writeDocs(results);
  }
  return 0;
}
