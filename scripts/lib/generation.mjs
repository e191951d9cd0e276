// @ts-check
import fs from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { shortPath } from "./paths.mjs";
import { replaceFile } from "./replace-file.mjs";

/** In a data folder: which generation its data is in, `DATA_GENERATION` of the server that runs on it. */
export const GENERATION_FILE = "generation.json";

const HOUR_MS = 3_600_000;

/**
 * @param {string} folder
 * @returns {number} 0 until something was restored
 */
export function readGeneration(folder) {
  const file = path.join(folder, GENERATION_FILE);
  if (!fs.existsSync(file)) return 0;
  const generation = parseGeneration(fs.readFileSync(file, "utf8"));
  if (generation === null) throw new Failure(`${shortPath(file)} is damaged: restore the backup again.`);
  return generation;
}

/**
 * @param {string} folder
 * @param {number} generation
 */
export function writeGeneration(folder, generation) {
  replaceFile(path.join(folder, GENERATION_FILE), `${JSON.stringify({ generation })}\n`);
}

/**
 * The generation of a server on this folder: the folder's own, or a higher one that its operator asks for, which the folder
 * keeps then, so that the next restore goes beyond that too.
 * @param {string} folder
 * @param {unknown} asked `DATA_GENERATION` as it was set
 * @returns {number}
 */
export function raiseGeneration(folder, asked) {
  const wanted = Number(asked ?? 0);
  if (!Number.isSafeInteger(wanted) || wanted < 0) {
    throw new Failure(`DATA_GENERATION must be a whole number, not "${asked}".`);
  }
  const own = readGeneration(folder);
  if (wanted > own) writeGeneration(folder, wanted);
  return Math.max(own, wanted);
}

/**
 * The number of a generation that comes after those of all these folders. It comes from the clock as well: whoever restores a
 * backup may have restored others.
 * @param {readonly string[]} folders
 * @param {number} now Unix ms
 */
export function nextGeneration(folders, now) {
  return Math.max(Math.floor(now / HOUR_MS), ...folders.map((folder) => readGeneration(folder) + 1));
}

/** @param {string} text */
function parseGeneration(text) {
  try {
    const { generation } = JSON.parse(text);
    return Number.isSafeInteger(generation) ? Number(generation) : null;
  } catch {
    return null;
  }
}
