// @ts-check
import fs from "node:fs";
import path from "node:path";
import { lockDataFolder, UNFINISHED_RESTORE } from "../data-folder.mjs";
import { isAlive } from "../process-id.mjs";
import { flush } from "./copy.mjs";

const UNFINISHED = /\.unfinished-(\d+)$/;

/** @type {NodeJS.Signals[]} */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Fills a folder under another name and gives it its own in one step: one that was interrupted never looks complete.
 * @template T
 * @param {string} target must not exist
 * @param {(unfinished: string) => Promise<T>} fill
 * @returns {Promise<T>}
 */
export function makeFolder(target, fill) {
  const unfinished = `${target}.unfinished-${process.pid}`;
  return discardedOnFailure(unfinished, async () => {
    const result = await fill(unfinished);
    // It fails if something has got there meanwhile.
    fs.renameSync(unfinished, target);
    await flush(path.dirname(target));
    return result;
  });
}

/**
 * Fills an empty data folder that is to stay the one it is: it may be a mount point, as a container's volume, or lie where this
 * user may make no other. Nobody serves it before all is in its place.
 * @param {string} dataDir
 * @param {(unfinished: string) => Promise<void>} fill
 */
export async function fillDataFolder(dataDir, fill) {
  const { unlock } = lockDataFolder(dataDir);
  try {
    const unfinished = path.join(dataDir, UNFINISHED_RESTORE);
    await discardedOnFailure(unfinished, () => fill(unfinished));
    // From here on nothing is discarded: as long as that folder is there, the restore is known to be unfinished.
    for (const name of fs.readdirSync(unfinished)) {
      fs.renameSync(path.join(unfinished, name), path.join(dataDir, name));
    }
    await flush(dataDir);
    fs.rmdirSync(unfinished);
    await flush(dataDir);
  } finally {
    unlock();
  }
}

/**
 * Makes a folder for `work`, which is deleted if that fails or is interrupted.
 * @template T
 * @param {string} unfinished
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function discardedOnFailure(unfinished, work) {
  const discard = () => fs.rmSync(unfinished, { recursive: true, force: true });
  const end = () => {
    discard();
    process.exit(1);
  };
  for (const signal of ENDING) process.on(signal, end);
  try {
    fs.mkdirSync(unfinished, { recursive: true });
    return await work();
  } catch (error) {
    discard();
    throw error;
  } finally {
    for (const signal of ENDING) process.off(signal, end);
  }
}

/**
 * Deletes what processes that were killed have left unfinished.
 * @param {string} folder
 */
export function deleteAbandoned(folder) {
  for (const name of fs.readdirSync(folder)) {
    const pid = Number(UNFINISHED.exec(name)?.[1] ?? process.pid);
    if (!isAlive({ pid, identity: null })) {
      fs.rmSync(path.join(folder, name), { recursive: true, force: true });
    }
  }
}
