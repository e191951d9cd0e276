import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { renderMarkdown } from "../report/table.ts";
import { tablesOf } from "./report.ts";
import type { SoakResults } from "./results.ts";

const PAGE = path.join(ROOT, "docs", "reliability.md");
const BEGIN = "<!-- Made by npm run soak -- --write-docs: begin -->";
const END = "<!-- Made by npm run soak -- --write-docs: end -->";

/** Puts the figures of a run into docs/reliability.md. */
export function writeDocs(results: SoakResults): void {
  fs.writeFileSync(PAGE, withFigures(fs.readFileSync(PAGE, "utf8"), results));
}

/** The page with the part between the two marks made anew. */
export function withFigures(page: string, results: SoakResults): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error("the page has no place for the figures");
  const figures = [summaryOf(results), ...tablesOf(results).map(renderMarkdown)].join("\n\n");
  return `${page.slice(0, begin)}${BEGIN}\n\n${figures}\n\n${page.slice(end)}`;
}

function summaryOf({
  at,
  machine,
  minutes,
  rate,
  read_back,
  inbox_rows,
  repeated,
  ...run
}: SoakResults): string {
  const whole = (value: number) => value.toLocaleString("en-US");
  const deliveries = minutes.reduce((sum, minute) => sum + minute.deliveries + minute.synced, 0);
  return [
    `Run on ${at.slice(0, 10)}, ${minutes.length} minutes at ${rate === 1 ? "the usual rate" : `${rate} times the usual rate`}: ${machine.cores} cores of ${machine.cpu}, ${machine.memory_gib} GiB, Node ${machine.node}.`,
    `${whole(run.users)} users on ${whole(run.devices)} devices in ${whole(run.conversations)} conversations.`,
    `${whole(read_back)} messages and ${whole(deliveries)} deliveries: ${run.faults.lost} lost, ${run.faults.doubled} doubled, ${run.faults.reordered} reordered,`,
    `${whole(repeated)} given again for want of an ack, ${whole(run.gaps)} gaps fetched; ${whole(inbox_rows)} unread counts exact; ${run.error_count} errors.`,
  ].join("\n");
}
