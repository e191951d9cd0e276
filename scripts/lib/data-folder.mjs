// @ts-check
import fs from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { shortPath } from "./paths.mjs";

/**
 * A process as the lock knows it. `identity` tells it from another process that got the same pid later, as happens
 * when a container or a machine starts again; null where the system does not say.
 * @typedef {{ pid: number, identity: string | null }} Holder
 */

/**
 * Takes a data folder for this process, making it if need be: two servers on the same files would corrupt them.
 * @param {string} dataDir
 * @returns {() => void} gives it back
 */
export function lockDataFolder(dataDir) {
  fs.mkdirSync(dataDir, { recursive: true });
  const file = path.join(dataDir, "lock.json");
  const me = holder(process.pid);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      fs.writeFileSync(file, JSON.stringify(me), { flag: "wx" });
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      removeStaleLock(file);
    }
  }
  throw inUse(file, null);
}

/** @param {string} file */
function removeStaleLock(file) {
  const other = readHolder(file);
  if (other && isAlive(other)) throw inUse(file, other);
  fs.rmSync(file, { force: true });
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
 * @returns {Holder | null} null if it is gone or was not written to its end
 */
function readHolder(file) {
  try {
    const value = JSON.parse(fs.readFileSync(file, "utf8"));
    return typeof value?.pid === "number" ? value : null;
  } catch {
    return null;
  }
}

/** @param {Holder} other */
function isAlive(other) {
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
