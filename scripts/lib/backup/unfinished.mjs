// @ts-check
import fs from "node:fs";
import path from "node:path";
import { isAlive } from "../process-id.mjs";
import { flush } from "./copy.mjs";

const UNFINISHED = /\.unfinished-(\d+)$/;

/** @type {NodeJS.Signals[]} */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Fills a folder under another name and gives it its own in one step: one that was interrupted never looks complete.
 * @template T
 * @param {string} target
 * @param {(unfinished: string) => Promise<T>} fill
 * @returns {Promise<T>}
 */
export async function makeFolder(target, fill) {
  const unfinished = `${target}.unfinished-${process.pid}`;
  const discard = () => fs.rmSync(unfinished, { recursive: true, force: true });
  const end = () => {
    discard();
    process.exit(1);
  };
  for (const signal of ENDING) process.on(signal, end);
  try {
    fs.mkdirSync(unfinished, { recursive: true });
    const result = await fill(unfinished);
    // Over a folder that is empty, or none; it fails if something has got in there meanwhile.
    fs.renameSync(unfinished, target);
    await flush(path.dirname(target));
    return result;
  } finally {
    for (const signal of ENDING) process.off(signal, end);
    discard();
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
