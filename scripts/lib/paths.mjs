// @ts-check
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The repository, whatever folder a script is called from. Not by `import.meta.dirname`: an older Node, which has to get
 * as far as being told so, does not know it.
 */
export const ROOT = path.resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** Everything a run leaves behind lies here: builds, and the data of `npm start`. Git ignores it. */
export const SCRATCH = path.join(ROOT, ".uim");

/** The commands that packages brought. */
export const COMMANDS = path.join(ROOT, "node_modules", ".bin");

/** The Node among them, under which everything runs but the installation. */
export const NODE = path.join(COMMANDS, "node");

/** Is this process that Node? */
export function isPackagedNode() {
  return fs.realpathSync(NODE) === fs.realpathSync(process.execPath);
}

/**
 * A path as a person would type it in the repository.
 * @param {string} file
 */
export function shortPath(file) {
  const relative = path.relative(ROOT, file);
  return relative.startsWith("..") ? file : relative;
}
