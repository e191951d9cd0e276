// @ts-check
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { isAlive, pidNamespace, processId } from "./process-id.mjs";

/** @typedef {import("./process-id.mjs").ProcessId} ProcessId */

/** How often a lock is touched by the process that has it. */
const HEARTBEAT_MS = 2_000;

/** A lock whose process cannot be looked at counts as given up when it was not touched for so long. */
export const GIVEN_UP_MS = 15_000;

const LOOK_AGAIN_MS = 250;

/**
 * What a lock file says: who has it, where that pid means something, and the server that this process runs, once it does.
 * @typedef {ProcessId & { namespace: string | null, server?: ProcessId }} Lock
 */

/** @typedef {Lock & { touched_at: number }} FoundLock with the time (Unix ms) of its last heartbeat */

/**
 * A lock that this process has.
 * @typedef {object} HeldLock
 * @property {(server: ProcessId) => void} servedBy notes which process serves what is locked
 * @property {() => void} release
 */

/**
 * Takes a lock for this process, without waiting.
 * @param {string} file
 * @returns {HeldLock | null} null if another process has it
 */
export function takeLock(file) {
  const me = { ...processId(process.pid), namespace: pidNamespace() };
  // Not named after the pid: two containers may have the same.
  const own = `${file}.${randomUUID()}`;
  try {
    write(own, me);
    for (let attempt = 0; attempt < 2; attempt++) {
      if (link(own, file)) return held(file, me);
      if (!removeGivenUp(file)) return null;
    }
    return null;
  } finally {
    fs.rmSync(own, { force: true });
  }
}

/**
 * @param {string} file
 * @param {Lock} me
 * @returns {HeldLock}
 */
function held(file, me) {
  const isMine = () => isDeepStrictEqual(ownerOf(readLock(file)), me);
  const heartbeat = setInterval(() => {
    if (isMine()) touch(file);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    servedBy: (server) => {
      write(`${file}.new`, { ...me, server });
      fs.renameSync(`${file}.new`, file);
    },
    release: () => {
      clearInterval(heartbeat);
      if (isMine()) fs.rmSync(file);
    },
  };
}

/**
 * Who has a lock now; null if nobody does.
 * @param {string} file
 * @returns {FoundLock | null}
 */
export function holderOf(file) {
  const lock = readLock(file);
  return lock && isHeld(lock) ? lock : null;
}

/**
 * Was it taken where pids mean something else, as in another container, so that only its heartbeat tells of its process?
 * @param {Lock} lock
 */
export function isForeign({ namespace }) {
  // Missing in what a version before wrote.
  return typeof namespace === "string" && namespace !== pidNamespace();
}

/**
 * Waits until it is certain whether anybody has a lock. A container that was killed and is started again finds the lock
 * of its life before, which looks as if somebody had it until there should have been a heartbeat.
 * @param {string} file
 * @param {(lock: Lock) => void} onWait
 */
export async function untilCertain(file, onWait) {
  const found = holderOf(file);
  if (!found || !isForeign(found)) return;
  onWait(found);
  while (holderOf(file)?.touched_at === found.touched_at) await sleep(LOOK_AGAIN_MS);
}

/** @param {FoundLock} lock */
function isHeld(lock) {
  return isForeign(lock) ? Math.abs(Date.now() - lock.touched_at) < GIVEN_UP_MS : isAlive(lock);
}

/**
 * Several may find the same lock given up: one at a time takes it away, after another look, so that nobody takes away what
 * another one has made in its place. False if somebody has it, or is at that.
 * @param {string} file
 */
function removeGivenUp(file) {
  const breaking = `${file}.breaking`;
  if (!claim(breaking)) return false;
  try {
    const found = fs.statSync(file, { throwIfNoEntry: false });
    if (holderOf(file)) return false;
    const isStill = fs.statSync(file, { throwIfNoEntry: false })?.ino === found?.ino;
    if (found && isStill) fs.rmSync(file, { force: true });
    return true;
  } finally {
    fs.rmSync(breaking, { force: true });
  }
}

/**
 * Makes a file that nobody else has made; one that was left by a process that has ended in the middle is in nobody's way.
 * @param {string} file
 */
function claim(file) {
  const found = fs.statSync(file, { throwIfNoEntry: false });
  if (found && Date.now() - found.mtimeMs > GIVEN_UP_MS) fs.rmSync(file, { force: true });
  try {
    fs.writeFileSync(file, "", { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Gives a file that is written to its end a second name. False if that name is taken.
 * @param {string} file
 * @param {string} name
 */
function link(file, name) {
  try {
    fs.linkSync(file, name);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * @param {string} file
 * @param {Lock} lock
 */
function write(file, lock) {
  fs.writeFileSync(file, JSON.stringify(lock));
  // Whatever the umask is: one that another user cannot read would look to them as if nobody had it.
  fs.chmodSync(file, 0o644);
}

/** @param {string} file */
function touch(file) {
  const now = new Date();
  try {
    fs.utimesSync(file, now, now);
  } catch (error) {
    console.error(`${file} cannot be touched: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * @param {string} file
 * @returns {FoundLock | null} null if it is gone or was not written to its end
 */
function readLock(file) {
  try {
    const value = JSON.parse(fs.readFileSync(file, "utf8"));
    // Read before: if another took its place in between, it looks newer than it was, not older.
    return typeof value?.pid === "number" ? { ...value, touched_at: fs.statSync(file).mtimeMs } : null;
  } catch {
    return null;
  }
}

/** @param {FoundLock | null} lock */
function ownerOf(lock) {
  return lock && { pid: lock.pid, identity: lock.identity, namespace: lock.namespace };
}
