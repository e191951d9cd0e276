// @ts-check
import fs from "node:fs";
import path from "node:path";

/** Which generation the data of a folder is in: `DATA_GENERATION` of the server that runs on it. */
const GENERATION_FILE = "generation.json";

const HOUR_MS = 3_600_000;

/**
 * @param {string} dataDir
 * @returns {number} 0 until something was restored
 */
export function readGeneration(dataDir) {
  const file = path.join(dataDir, GENERATION_FILE);
  return fs.existsSync(file) ? Number(JSON.parse(fs.readFileSync(file, "utf8")).generation) : 0;
}

/**
 * Begins a new generation in a folder that was restored. Its number comes from the clock, so that a backup that is restored
 * twice begins two.
 * @param {string} dataDir
 * @param {number} now Unix ms
 */
export function beginGeneration(dataDir, now) {
  const generation = Math.max(readGeneration(dataDir) + 1, Math.floor(now / HOUR_MS));
  fs.writeFileSync(path.join(dataDir, GENERATION_FILE), `${JSON.stringify({ generation })}\n`);
}
