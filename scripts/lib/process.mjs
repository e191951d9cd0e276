// @ts-check
import { spawn } from "node:child_process";
import path from "node:path";
import { COMMANDS, ROOT } from "./paths.mjs";

/**
 * The environment of a command. The packages' commands, and their Node, come first on its PATH, as under npm. Nothing
 * leaves this machine that was not asked for: no usage reports, no look-up of a sample `cf` object.
 * @param {NodeJS.ProcessEnv} extra
 * @returns {NodeJS.ProcessEnv}
 */
function environment(extra) {
  return {
    ...process.env,
    PATH: [COMMANDS, process.env.PATH].join(path.delimiter),
    WRANGLER_SEND_METRICS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    ...extra,
  };
}

const PARENT_POLL_MS = 250;

/** @type {NodeJS.Signals[]} */
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a command with this terminal as its own and resolves to its exit code. Signals that end this process go on to
 * the command, so that nothing is left running.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, lifeline?: boolean, file?: number }} [options] `lifeline`: the command learns of this
 *   process's death, however it comes, and ends with its parent (see `onParentGone`). `file`: an open file that the
 *   command shares, as its descriptor 3
 * @returns {Promise<number>}
 */
export function run(command, args, { env = {}, lifeline = false, file } = {}) {
  /** @type {("ipc" | number)[]} */
  const shared = lifeline ? ["ipc"] : file === undefined ? [] : [file];
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => child.kill(signal);
  // First: a signal that comes while the command is being started is not to leave it behind.
  for (const signal of FORWARDED) process.on(signal, forward);
  const child = spawn(command, args, {
    cwd: ROOT,
    env: environment(env),
    stdio: ["inherit", "inherit", "inherit", ...shared],
  });
  if (lifeline) onParentGone(() => child.kill());
  /** @type {Promise<number>} */
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
  return ended.finally(() => {
    for (const signal of FORWARDED) process.off(signal, forward);
  });
}

/**
 * Runs a command and keeps quiet about it unless it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function capture(command, args, { env = {} } = {}) {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: environment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Calls back when the process that started this one has died without a word, as npm does on SIGKILL: nobody is left
 * who would stop this one. Only if that process is npm or gave a lifeline; whoever else starts this may leave it be.
 * @param {() => void} callback
 */
export function onParentGone(callback) {
  if (process.channel) {
    process.once("disconnect", callback);
    process.channel.unref();
  } else if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      callback();
    }, PARENT_POLL_MS);
    timer.unref();
  }
}
