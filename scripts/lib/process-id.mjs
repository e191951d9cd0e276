// @ts-check
import fs from "node:fs";

/**
 * A process as others know it. `identity` tells it from another process that got the same pid later, as happens when a
 * container or a machine starts again; null where the system does not say.
 * @typedef {{ pid: number, identity: string | null }} ProcessId
 */

/**
 * @param {number} pid
 * @returns {ProcessId}
 */
export function processId(pid) {
  return { pid, identity: identityOf(pid) };
}

/** @param {ProcessId} other */
export function isAlive(other) {
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  return other.identity === null || other.identity === identityOf(other.pid);
}

/**
 * Where the pids that this process sees mean what it takes them for: every container has pids of its own. On Linux: which
 * boot of the machine, and which PID namespace; null where the system does not say.
 */
export function pidNamespace() {
  try {
    return `${bootId()} ${fs.readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return null;
  }
}

/**
 * On Linux: which boot, and how many ticks after it the process began (field 22 of its stat, after the name in
 * parentheses, which may contain anything).
 * @param {number} pid
 */
function identityOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${bootId()} ${started}`;
  } catch {
    return null;
  }
}

function bootId() {
  return fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
