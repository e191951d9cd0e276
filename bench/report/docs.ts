import fs from "node:fs";
import path from "node:path";
import { ROOT } from "../../scripts/lib/paths.mjs";
import { throughputChart } from "./chart.ts";
import type { Results } from "./results.ts";
import { sectionsOf } from "./sections.ts";
import { renderMarkdown } from "./table.ts";

const DOCS = path.join(ROOT, "docs");
const BEGIN = "<!-- Made by npm run bench -- --write-docs: begin -->";
const END = "<!-- Made by npm run bench -- --write-docs: end -->";

/** Puts the figures of a run into docs/performance.md, and its chart beside it. */
export function writeDocs(results: Results): void {
  const file = path.join(DOCS, "performance.md");
  fs.writeFileSync(file, withFigures(fs.readFileSync(file, "utf8"), results));
  fs.writeFileSync(path.join(DOCS, "performance.svg"), throughputChart(results.rows));
  fs.writeFileSync(path.join(DOCS, "performance.json"), `${JSON.stringify(results, null, 2)}\n`);
}

/** The page with the part between the two marks made anew. */
export function withFigures(page: string, results: Results): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error("the page has no place for the figures");
  const { at, machine } = results;
  const where = `Run on ${at.slice(0, 10)}: ${machine.cores} cores of ${machine.cpu}, ${machine.memory_gib} GiB, Node ${machine.node}.`;
  const tables = sectionsOf(results.rows).map(renderMarkdown);
  const figures = [where, "![One-to-one throughput](performance.svg)", ...tables].join("\n\n");
  return `${page.slice(0, begin)}${BEGIN}\n\n${figures}\n\n${page.slice(end)}`;
}
