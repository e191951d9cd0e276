// @ts-check
import fs from "node:fs";
import path from "node:path";

/** Rules whose feature is not built yet. The list only shrinks: a rule that has a test must leave it. */
const LATER = ["DLV-6", "PRES-2", "PRES-3", "TYPE-1"];

/**
 * Checks that each rule of the protocol has a test whose title names it as `[SEQ-1]`, and that no test names a rule
 * that does not exist.
 * @param {string} root
 * @param {readonly string[]} later
 * @returns {string[]} what is wrong
 */
export function checkRules(root, later = LATER) {
  const page = path.join(root, "docs", "protocol.md");
  if (!fs.existsSync(page)) return ["docs/protocol.md is missing: it holds the rules"];
  const rules = rulesOf(fs.readFileSync(page, "utf8"));
  if (rules.length === 0) return ["docs/protocol.md §4 has no rules (lines that begin '- SEQ-1 ')"];
  const tested = testedRules(path.join(root, "test"));
  return [
    ...rules
      .filter((rule) => !tested.has(rule) && !later.includes(rule))
      .map((rule) => `${rule} has no test`),
    ...later
      .filter((rule) => tested.has(rule))
      .map((rule) => `${rule} has a test now: take it off the list in scripts/lib/rules.mjs`),
    ...[...tested].filter((rule) => !rules.includes(rule)).map((rule) => `${rule} is tested, but is no rule`),
  ];
}

/** @param {string} page */
function rulesOf(page) {
  const section = page.split(/^## /m).find((part) => /^4\.? /.test(part)) ?? "";
  return [...section.matchAll(/^- \**([A-Z]+-\d+)\b/gm)].map((match) => match[1] ?? "");
}

/**
 * A title stands behind a quote on the line of its test; a skipped test proves nothing.
 * @param {string} folder
 */
function testedRules(folder) {
  const files = fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"));
  const lines = files.flatMap((file) => fs.readFileSync(path.join(folder, file), "utf8").split("\n"));
  const titles = lines.filter((line) => !/^\s*(?:\/\/|\*)|\.(?:skip|todo)\b/.test(line));
  const named = titles.flatMap((line) => [...line.matchAll(/["'`][^"'`]*?((?:\[[A-Z]+-\d+\]\s*)+)/g)]);
  return new Set(
    named.flatMap((match) => [...(match[1] ?? "").matchAll(/[A-Z]+-\d+/g)].map(([rule]) => rule)),
  );
}
