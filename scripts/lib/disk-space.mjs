// @ts-check
import fs from "node:fs";
import { Failure } from "./failure.mjs";
import { shortPath } from "./paths.mjs";
import { sizeText } from "./size-text.mjs";

const MIB = 1024 * 1024;
/** With less the server would soon refuse every message: nothing is acknowledged that is not on disk. */
const LEAST_BYTES = 16 * MIB;
const LITTLE_BYTES = 1024 * MIB;

/**
 * Fails if the disk of the data folder is all but full. Returns a warning if it soon will be, else null.
 * @param {string} dataDir
 * @param {number} [free] in bytes
 * @returns {string | null}
 */
export function checkDiskSpace(dataDir, free = freeBytes(dataDir)) {
  const where = `The disk of the data folder ${shortPath(dataDir)} has ${sizeText(free)} left`;
  if (free < LEAST_BYTES) {
    throw new Failure(`${where}. UIM starts with at least ${sizeText(LEAST_BYTES)}: make room there.`);
  }
  return free < LITTLE_BYTES ? `${where}. When it is full, no message can be sent.` : null;
}

/** @param {string} folder */
function freeBytes(folder) {
  const { bavail, bsize } = fs.statfsSync(folder);
  return bavail * bsize;
}
