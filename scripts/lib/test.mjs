// @ts-check
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { run } from "./process.mjs";
import { ensureTypes } from "./types.mjs";

/**
 * What vitest's JSON report says, as far as it is read here.
 * @typedef {object} Report
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{ status: string, assertionResults: unknown[] }[]} testResults one for each file
 */

/**
 * Runs the tests and closes with a line that counts them. Resolves to the exit code: a run without a test has failed.
 * @param {readonly string[]} args for vitest
 * @returns {Promise<number>}
 */
export async function test(args) {
  await ensureTypes();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "uim-test-"));
  const reportFile = path.join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  try {
    const code = await run("vitest", ["run", ...reporters, ...args]);
    const counts = fs.existsSync(reportFile) ? count(JSON.parse(fs.readFileSync(reportFile, "utf8"))) : null;
    if (!counts) return code || 1;
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`);
    return code || (counts.failed > 0 || counts.passed === 0 ? 1 : 0);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A file that failed before its first test counts as a failure too.
 * @param {Report} report
 */
function count(report) {
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
