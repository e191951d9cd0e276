// @ts-check
import fs from "node:fs";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Failure } from "./failure.mjs";
import { shortPath } from "./paths.mjs";
import { replaceFile } from "./replace-file.mjs";

/** In a data folder while a process has it. */
export const LOCK_FILE = "lock.json";

/**
 * A process as the lock knows it. `identity` tells it from another process that got the same pid later, as happens
 * when a container or a machine starts again; null where the system does not say.
 * @typedef {{ pid: number, identity: string | null }} Holder
 */

/**
 * Who has the folder, and the process that serves it, once there is one.
 * @typedef {Holder & { server?: Holder }} Lock
 */

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
  const file = path.join(dataDir, LOCK_FILE);
  const me = holder(process.pid);
  const own = `${file}.${me.pid}`;
  try {
    fs.writeFileSync(own, JSON.stringify(me));
    for (let attempt = 0; attempt < 2; attempt++) {
      if (link(own, file)) {
        return {
          servedBy: (pid) => replaceFile(file, JSON.stringify({ ...me, server: holder(pid) })),
          unlock: () => {
            if (isDeepStrictEqual(holderOf(readLock(file)), me)) fs.rmSync(file);
          },
        };
      }
      removeStaleLock(file);
    }
  } finally {
    fs.rmSync(own, { force: true });
  }
  throw inUse(file, null);
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
 * @returns {Lock | null}
 */
export function lockOf(dataDir) {
  const lock = readLock(path.join(dataDir, LOCK_FILE));
  return lock && isAlive(lock) ? lock : null;
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
 * Several may find the same stale lock, and one of them has made its own meanwhile: whoever has moved that aside puts it back.
 * @param {string} file
 */
function removeStaleLock(file) {
  const other = readLock(file);
  if (other && isAlive(other)) throw inUse(file, other);
  const aside = `${file}.stale-${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
    throw error;
  }
  const moved = readLock(aside);
  const isStale = !moved || !isAlive(moved);
  if (!isStale) link(aside, file);
  fs.rmSync(aside);
  if (!isStale) throw inUse(file, moved);
}

/**
 * @param {string} file
 * @param {Holder | null} other
 */
function inUse(file, other) {
  const who = other ? ` by the UIM process ${other.pid}` : "";
  return new Failure(
    `The data folder ${shortPath(path.dirname(file))} is in use${who}. ` +
      "Stop that one first, or start with another folder (--data or UIM_DATA_DIR).",
  );
}

/**
 * @param {string} file
 * @returns {Lock | null} null if it is gone or was not written to its end
 */
function readLock(file) {
  try {
    const value = JSON.parse(fs.readFileSync(file, "utf8"));
    return typeof value?.pid === "number" ? value : null;
  } catch {
    return null;
  }
}

/** @param {Lock | null} lock */
function holderOf(lock) {
  return lock && { pid: lock.pid, identity: lock.identity };
}

/** @param {Holder} other */
export function isAlive(other) {
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return other.identity === null || other.identity === holder(other.pid).identity;
}

/**
 * @param {number} pid
 * @returns {Holder}
 */
function holder(pid) {
  return { pid, identity: identityOf(pid) };
}

/**
 * On Linux: which boot, and how many ticks after it the process began (field 22 of its stat, after the name in
 * parentheses, which may contain anything).
 * @param {number} pid
 */
function identityOf(pid) {
  try {
    const boot = fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${boot} ${started}`;
  } catch {
    return null;
  }
}
