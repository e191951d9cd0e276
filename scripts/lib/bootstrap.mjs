// @ts-check
import { fileURLToPath } from "node:url";
import { ensureInstalled } from "./install.mjs";
import { isPackagedNode, NODE } from "./paths.mjs";
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
  if (isPackagedNode()) return null;
  return run(NODE, [fileURLToPath(scriptUrl), ...process.argv.slice(2)], { lifeline: true });
}
