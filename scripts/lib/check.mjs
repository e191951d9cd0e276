// @ts-check
import path from "node:path";
import { ROOT } from "./paths.mjs";
import { capture } from "./process.mjs";
import { ensureTypes } from "./types.mjs";

/** @type {{ name: string, command: string, args: string[] }[]} */
const CHECKS = [
  { name: "format and lint", command: "biome", args: ["check", "--error-on-warnings", "--colors=off"] },
  // From nothing: what the last run left may hide an error, where a file that adds global types has come in.
  // Source: https://github.com/microsoft/typescript-go/issues/4664
  { name: "types", command: "tsc", args: ["-b", "--force"] },
  { name: "boundaries", command: "node", args: [path.join(ROOT, "scripts/check-boundaries.mjs")] },
  { name: "rules", command: "node", args: [path.join(ROOT, "scripts/check-rules.mjs")] },
];

/**
 * Runs every check, each to its end, and says what each found. Resolves to the exit code.
 * @returns {Promise<number>}
 */
export async function check() {
  await ensureTypes();
  let failed = 0;
  for (const { name, command, args } of CHECKS) {
    const begin = performance.now();
    const { code, output } = await capture(command, args);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
    if (code !== 0) {
      failed++;
      console.log(`\n${output.trimEnd()}\n`);
    }
  }
  return failed > 0 ? 1 : 0;
}
