// @ts-check
import fs from "node:fs";
import path from "node:path";
import { lockDataFolder, lockOf, nameOf } from "../data-folder.mjs";
import { Failure } from "../failure.mjs";
import { isForeign, takeLock } from "../lock.mjs";
import { shortPath } from "../paths.mjs";
import { isAlive } from "../process-id.mjs";
import { copyDatabase, copyPinned, isLocked, pinDatabase } from "./copy.mjs";
import { databaseFiles, stampOf } from "./database-files.mjs";
import { NotPaused, ProcessGone, tooLong, whilePaused } from "./pause.mjs";

/** @typedef {import("node:sqlite").DatabaseSync} DatabaseSync */

/** In a data folder while a backup has its server paused. */
export const PAUSE_LOCK_FILE = "pause-lock.json";

/** The second round copies what was written during the first, which leaves little for the pause. */
const ROUNDS = 2;
const PARALLEL = 4;
/** Each is three open files: from here on, the limit of open files is a likely cause of a failure to open one. */
const MANY_OPEN = 300;

/** A server that is just starting has the folder, and cannot be paused yet. */
const START_PATIENCE_MS = 20_000;
const LOOK_AGAIN_MS = 50;

/**
 * Copies the databases of a data folder as they were at one moment, all of them (docs/decisions/0005). Most of the work is
 * done while the server runs; then it is paused for as long as it takes to hold what has changed since.
 * @param {object} plan
 * @param {string} plan.dataDir
 * @param {string} plan.target the folder for the copies
 * @param {number} plan.max_pause_ms
 * @param {(done: number, all: number) => void} plan.onProgress
 * @returns {Promise<{ files: string[], taken_at: Date, paused_ms: number }>} the files, relative to both folders
 */
export async function takeSnapshot({ dataDir, target, max_pause_ms, onProgress }) {
  // Found out before the copying.
  lockWithinReach(dataDir);
  const source = path.join(dataDir, "state");
  /** What has been copied, and in which state; null if it may have changed unnoticed. @type {Map<string, string | null>} */
  const copied = new Map();
  for (let round = 0; round < ROUNDS; round++) {
    await forEachParallel(changedFiles(source, databaseFiles(source), copied), onProgress, async (file) => {
      const stamp = stampOf(path.join(source, file));
      if (!stamp) return;
      await copyUnlessDeleted(path.join(source, file), path.join(target, file));
      copied.set(file, stamp.isSettled ? stamp.mark : null);
    });
  }
  const { result, paused_ms } = await atOneMoment(dataDir, max_pause_ms, (deadline) => {
    const taken_at = new Date();
    const files = databaseFiles(source);
    const pinned = pinAll(source, changedFiles(source, files, copied), () => {
      if (performance.now() > deadline) throw tooLong(max_pause_ms);
    });
    return { taken_at, files, pinned };
  });
  const { files, pinned, taken_at } = result;
  try {
    await forEachParallel([...pinned], onProgress, ([file, database]) =>
      copyPinned(database, path.join(target, file)),
    );
  } finally {
    for (const database of pinned.values()) database.close();
  }
  const present = new Set(files);
  for (const file of copied.keys()) {
    if (!present.has(file)) fs.rmSync(path.join(target, file), { force: true });
  }
  return { files: files.sort(), taken_at, paused_ms };
}

/**
 * The files of which there is no copy, or one of an earlier state.
 * @param {string} source
 * @param {readonly string[]} files
 * @param {ReadonlyMap<string, string | null>} copied
 */
function changedFiles(source, files, copied) {
  return files.filter((file) => {
    const mark = copied.get(file);
    return mark === undefined || mark === null || mark !== stampOf(path.join(source, file))?.mark;
  });
}

/**
 * @param {string} source
 * @param {readonly string[]} files
 * @param {() => void} checkTime throws when the time is up
 * @returns {Map<string, DatabaseSync>}
 */
function pinAll(source, files, checkTime) {
  /** @type {Map<string, DatabaseSync>} */
  const pinned = new Map();
  try {
    for (const file of files) {
      checkTime();
      pinned.set(file, pinDatabase(path.join(source, file), 0));
    }
    return pinned;
  } catch (error) {
    for (const database of pinned.values()) database.close();
    if (error instanceof Failure || isLocked(error) || pinned.size < MANY_OPEN) throw error;
    throw new Failure(
      `${pinned.size} databases were being written to, and no more could be opened (${error}). ` +
        "Raise the limit of open files (ulimit -n), or try again when the server is less busy.",
    );
  }
}

/**
 * Runs `work` while nobody writes to the folder: with the server paused, or with none there.
 * @template T
 * @param {string} dataDir
 * @param {number} max_pause_ms
 * @param {(deadline: number) => T} work
 * @returns {Promise<{ result: T, paused_ms: number }>}
 */
async function atOneMoment(dataDir, max_pause_ms, work) {
  const patience = performance.now() + START_PATIENCE_MS;
  for (;;) {
    const lock = lockWithinReach(dataDir);
    if (!lock) return { result: whileLocked(dataDir, work), paused_ms: 0 };
    const outcome =
      lock.server && isAlive(lock.server)
        ? await pausedOrNull(dataDir, lock.server.pid, max_pause_ms, work)
        : null;
    if (outcome) return outcome;
    if (performance.now() > patience) {
      throw new Failure(
        `The data folder ${shortPath(dataDir)} is in use by the process ${lock.pid}, which cannot be paused now. Try again later.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

/**
 * Who has a data folder. Fails if that is a process which no signal from here reaches.
 * @param {string} dataDir
 */
function lockWithinReach(dataDir) {
  const lock = lockOf(dataDir);
  if (!lock || !isForeign(lock)) return lock;
  throw new Failure(
    `The data folder ${shortPath(dataDir)} is in use by ${nameOf(lock)}, and can be backed up only from in there.`,
  );
}

/**
 * Null if it has to be tried again: the server has ended, went on too early, or was paused in the middle of opening or
 * closing a database; or another backup has paused it, and would let it go on in the middle of our own pause.
 * @template T
 * @param {string} dataDir
 * @param {number} pid
 * @param {number} max_pause_ms
 * @param {(deadline: number) => T} work
 */
async function pausedOrNull(dataDir, pid, max_pause_ms, work) {
  const lock = takePauseLock(dataDir);
  if (!lock) return null;
  try {
    return await whilePaused(pid, max_pause_ms, work);
  } catch (error) {
    if (error instanceof ProcessGone || error instanceof NotPaused || isLocked(error)) return null;
    throw error;
  } finally {
    lock.release();
  }
}

/**
 * @param {string} dataDir
 * @returns {{ release: () => void } | null} null if another backup has it
 */
function takePauseLock(dataDir) {
  try {
    return takeLock(path.join(dataDir, PAUSE_LOCK_FILE));
  } catch (error) {
    const isFull = error instanceof Error && "code" in error && error.code === "ENOSPC";
    if (!isFull) throw error;
    // When the disk is full a backup is wanted all the more. A pause that another one ends is noticed without a lock.
    return { release: () => undefined };
  }
}

/**
 * @template T
 * @param {string} dataDir
 * @param {(deadline: number) => T} work
 */
function whileLocked(dataDir, work) {
  const { unlock } = lockDataFolder(dataDir);
  try {
    return work(Number.POSITIVE_INFINITY);
  } finally {
    unlock();
  }
}

/**
 * @param {string} file
 * @param {string} target
 */
async function copyUnlessDeleted(file, target) {
  try {
    await copyDatabase(file, target);
  } catch (error) {
    if (fs.existsSync(file)) throw error;
  }
}

/**
 * @template T
 * @param {readonly T[]} items
 * @param {(done: number, all: number) => void} onProgress
 * @param {(item: T) => Promise<void>} run
 */
export async function forEachParallel(items, onProgress, run) {
  const queue = items.values();
  let done = 0;
  const worker = async () => {
    for (const item of queue) {
      await run(item);
      onProgress(++done, items.length);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
}
