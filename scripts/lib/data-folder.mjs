// @ts-check
import fs from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { holderOf, isForeign, takeLock, untilCertain } from "./lock.mjs";
import { shortPath } from "./paths.mjs";
import { processId } from "./process-id.mjs";

/** In a data folder while a process has it. */
export const LOCK_FILE = "lock.json";

/** In a data folder that is being filled by a restore. Nobody serves one that was left with it: something is missing. */
export const UNFINISHED_RESTORE = "restore.unfinished";

/**
 * A data folder that is this process's own.
 * @typedef {object} DataFolder
 * @property {(pid: number) => void} servedBy notes the process that serves it: a backup has to find it
 * @property {() => void} unlock gives the folder back
 */

/**
 * Takes a data folder for this process, making it if need be: two servers on the same files would corrupt them.
 * @param {string} dataDir
 * @returns {DataFolder}
 */
export function lockDataFolder(dataDir) {
  makeWritable(dataDir);
  const lock = takeLock(path.join(dataDir, LOCK_FILE));
  if (!lock) throw inUse(dataDir);
  if (fs.existsSync(path.join(dataDir, UNFINISHED_RESTORE))) {
    lock.release();
    throw new Failure(
      `${shortPath(dataDir)} holds part of a backup, whose restore was interrupted. Empty it and restore again.`,
    );
  }
  return { servedBy: (pid) => lock.servedBy(processId(pid)), unlock: lock.release };
}

/**
 * The same, waiting if it is not certain yet whether a process of another container has it.
 * @param {string} dataDir
 * @param {(step: string) => void} [onProgress]
 * @returns {Promise<DataFolder>}
 */
export async function awaitDataFolder(dataDir, onProgress) {
  await untilCertain(path.join(dataDir, LOCK_FILE), (lock) =>
    onProgress?.(`Waiting for a sign of ${nameOf(lock)}, which had the data folder …`),
  );
  return lockDataFolder(dataDir);
}

/**
 * Makes a folder for what people write to each other: for this user alone. Fails, in words, if it cannot be written to.
 * @param {string} dataDir
 */
function makeWritable(dataDir) {
  try {
    fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const state = path.join(dataDir, "state");
    const namespaces = fs.existsSync(state)
      ? fs.readdirSync(state).map((name) => path.join(state, name))
      : [];
    // One that another user made, as after a start as root, would only be found out by the first write to it.
    for (const folder of [dataDir, ...(namespaces.length > 0 ? [state, ...namespaces] : [])]) {
      fs.accessSync(folder, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
    }
  } catch (error) {
    throw new Failure(
      `The data folder ${shortPath(dataDir)} cannot be written to: ${error instanceof Error ? error.message : error}. ` +
        "Make it belong to the user who runs UIM, or start with another folder (--data or UIM_DATA_DIR).",
    );
  }
}

/**
 * Who has a data folder now; null if nobody does.
 * @param {string} dataDir
 */
export function lockOf(dataDir) {
  return holderOf(path.join(dataDir, LOCK_FILE));
}

/** @param {import("./lock.mjs").Lock} lock */
export function nameOf(lock) {
  const where = isForeign(lock) ? " of another container, where its pid is" : "";
  return `the UIM process${where} ${lock.pid}`;
}

/** @param {string} dataDir */
function inUse(dataDir) {
  const lock = lockOf(dataDir);
  const who = lock ? ` by ${nameOf(lock)}` : "";
  return new Failure(
    `The data folder ${shortPath(dataDir)} is in use${who}. ` +
      "Stop that one first, or start with another folder (--data or UIM_DATA_DIR).",
  );
}
