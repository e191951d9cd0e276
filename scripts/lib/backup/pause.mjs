// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { Failure } from "../failure.mjs";

const POLL_MS = 1;
/** The guard comes after our own limit: a pause that it had to end is one that we have given up. */
const GUARD_MARGIN_MS = 1_000;

/** The process to be paused is not there any more. */
export class ProcessGone extends Error {}

/** The process went on before it was told to. */
export class NotPaused extends Error {}

/**
 * Stops every thread of a process for as long as `work` takes: what it has on disk then is what a SIGKILL at that moment
 * would have left. It goes on in any case, even if this process dies. `work` is told until when it has time
 * (`performance.now()`); what it returns counts only if it kept to that.
 * @template T
 * @param {number} pid
 * @param {number} limit_ms
 * @param {(deadline: number) => T} work synchronous: nothing else happens here meanwhile
 * @returns {Promise<{ result: T, paused_ms: number }>}
 */
export async function whilePaused(pid, limit_ms, work) {
  const guard = spawn(
    process.execPath,
    [path.join(import.meta.dirname, "resume-guard.mjs"), String(pid), String(limit_ms + GUARD_MARGIN_MS)],
    // A group of its own: Ctrl-C must not take the guard along with us.
    { stdio: ["pipe", "pipe", "inherit"], detached: true },
  );
  try {
    await once(guard.stdout, "data");
    const begun_at = performance.now();
    const deadline = begun_at + limit_ms;
    try {
      signal(pid, "SIGSTOP");
      waitUntilStopped(pid, deadline);
      const result = work(deadline);
      // Anyone may have let it go on, as the guard of a backup that died a moment ago.
      if (!isStopped(pid)) throw new NotPaused(`process ${pid}`);
      const paused_ms = performance.now() - begun_at;
      if (paused_ms > limit_ms) throw tooLong(limit_ms);
      return { result, paused_ms };
    } finally {
      signal(pid, "SIGCONT");
    }
  } finally {
    guard.kill("SIGKILL");
  }
}

/** @param {number} limit_ms */
export function tooLong(limit_ms) {
  return new Failure(
    `The server would have to be paused for longer than ${limit_ms} ms. Try again when it is less busy, or allow more with --max-pause.`,
  );
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} name
 */
function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ESRCH") throw new ProcessGone(`process ${pid}`);
    if (code !== "EPERM") throw error;
    throw new Failure(
      `The server (process ${pid}) belongs to another user. Run the backup as that user, or as root.`,
    );
  }
}

/**
 * A signal is on its way for a moment; a thread in the middle of a write to disk stops after it.
 * @param {number} pid
 * @param {number} deadline
 */
function waitUntilStopped(pid, deadline) {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  while (!isStopped(pid)) {
    if (performance.now() > deadline) throw new Failure(`The server (process ${pid}) cannot be paused.`);
    // Sleeps without giving way to anything else.
    Atomics.wait(clock, 0, 0, POLL_MS);
  }
}

/**
 * On Linux, which is where workerd runs: the state of each thread follows its name in parentheses.
 * @param {number} pid
 */
function isStopped(pid) {
  const tasks = `/proc/${pid}/task`;
  if (!fs.existsSync(tasks)) throw new ProcessGone(`process ${pid}`);
  return fs.readdirSync(tasks).every((task) => {
    const stat = fs.readFileSync(path.join(tasks, task, "stat"), "utf8");
    return stat.charAt(stat.lastIndexOf(")") + 2) === "T";
  });
}
