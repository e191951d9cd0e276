// @ts-check
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./install.mjs";
import { COMMANDS } from "./paths.mjs";
import { run } from "./process.mjs";

/**
 * Lets a script rely on the packages and on the Node version among them: installs what is missing and, if another Node
 * runs this, runs the script again under that one. Resolves to the exit code of that run, or to null if this process
 * is to do the work. Import packages only after it.
 * @param {string} scriptUrl `import.meta.url` of the script
 * @returns {Promise<number | null>}
 */
export async function bootstrap(scriptUrl) {
  await ensureInstalled();
  const node = path.join(COMMANDS, "node");
  if (fs.realpathSync(node) === fs.realpathSync(process.execPath)) return null;
  return run(node, [fileURLToPath(scriptUrl), ...process.argv.slice(2)], { lifeline: true });
}
