// @ts-check
import fs from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { ROOT, shortPath } from "./paths.mjs";
import { replaceFile } from "./replace-file.mjs";

/** Which version of UIM last served a data folder. */
export const VERSION_FILE = "version.json";

/** This version of UIM. */
export function ownVersion() {
  return String(JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8")).version);
}

/**
 * Fails if a newer version has served a data folder: its objects may be stored in ways that this one does not know.
 * @param {string} dataDir
 */
export function refuseNewerData(dataDir) {
  const stored = storedVersion(path.join(dataDir, VERSION_FILE));
  if (stored !== null) refuseNewer(stored, shortPath(dataDir));
}

/**
 * Notes in a data folder that this version has served it: from now on an older one refuses it.
 * @param {string} dataDir
 */
export function noteVersion(dataDir) {
  const file = path.join(dataDir, VERSION_FILE);
  const own = ownVersion();
  if (storedVersion(file) !== own) replaceFile(file, `${JSON.stringify({ version: own })}\n`);
}

/**
 * @param {string} version
 * @param {string} what was written by it
 */
export function refuseNewer(version, what) {
  const own = ownVersion();
  if (compareVersions(version, own) <= 0) return;
  throw new Failure(
    `${what} was written by UIM ${version}; this is ${own}, which may not read it right. ` +
      `Run ${version} or newer, or go back to a backup made before the upgrade.`,
  );
}

/** @param {string} file */
function storedVersion(file) {
  if (!fs.existsSync(file)) return null;
  try {
    return String(JSON.parse(fs.readFileSync(file, "utf8")).version);
  } catch {
    // Not written to its end: the next start writes it anew.
    return null;
  }
}

/**
 * Negative if `left` is older than `right`. By its three numbers: what follows a hyphen does not count.
 * @param {string} left
 * @param {string} right
 */
export function compareVersions(left, right) {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  const at = a.findIndex((number, index) => number !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** @param {string} version */
function numbersOf(version) {
  const found = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  if (!found) throw new Failure(`"${version}" is not a version of UIM.`);
  return found.slice(1).map(Number);
}
