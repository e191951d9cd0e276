// @ts-check
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Failure } from "./failure.mjs";

/** The path of the workerd binary among the packages. */
const WORKERD = createRequire(import.meta.url)("workerd").default;

/** workerd does not end on SIGTERM while a socket is open. Killing it then is safe: what it acknowledged is on disk. */
const STOP_GRACE_MS = 2_000;

/**
 * A running workerd.
 * @typedef {object} Workerd
 * @property {number} pid
 * @property {Map<string, number>} ports the port of each socket of the config
 * @property {Promise<string>} exited resolves to how it ended: "exit code 1", "SIGKILL"
 * @property {() => Promise<void>} stop SIGTERM, then SIGKILL after a short grace
 * @property {(signal: NodeJS.Signals) => void} kill
 */

/**
 * Runs a config and resolves once every socket of it listens. workerd dies with this process, however this one ends.
 * @param {string} configFile
 * @param {object} options
 * @param {readonly string[]} options.sockets the names of the config's sockets
 * @param {Record<string, string>} [options.secrets] its environment: nothing else of ours is passed on
 * @param {"inherit" | "ignore" | number} [options.output] where its log goes: a file descriptor, or our own streams
 * @param {readonly string[]} [options.flags] more options for `workerd serve`
 * @returns {Promise<Workerd>}
 */
export async function spawnWorkerd(configFile, { sockets, secrets = {}, output = "inherit", flags = [] }) {
  const child = spawn(WORKERD, ["serve", "--experimental", "--control-fd=3", ...flags, configFile], {
    env: { ...secrets },
    stdio: ["ignore", output, output, "pipe"],
    // A group of its own: Ctrl-C is for us to handle, and then to stop it in order.
    detached: true,
  });
  const exited = exitOf(child);
  if (child.pid !== undefined) guard(child.pid, exited);
  const ports = await Promise.race([listening(child, sockets), exited]);
  if (typeof ports === "string") throw new Failure(`The server did not start (workerd: ${ports}).`);
  return {
    pid: child.pid ?? 0,
    ports,
    exited,
    kill: (signal) => void child.kill(signal),
    stop: () => stop(child, exited),
  };
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<string>}
 */
function exitOf(child) {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

/**
 * Reads the control messages, one JSON object a line, until each socket has told its port.
 * @param {import("node:child_process").ChildProcess} child
 * @param {readonly string[]} sockets
 * @returns {Promise<Map<string, number>>}
 */
async function listening(child, sockets) {
  const ports = new Map();
  const control = /** @type {import("node:stream").Readable} */ (child.stdio[3]);
  for await (const line of createInterface({ input: control })) {
    const message = JSON.parse(line);
    if (message.event === "listen") ports.set(message.socket, message.port);
    if (sockets.every((name) => ports.has(name))) return ports;
  }
  // The pipe closed: the process has ended or is about to, and `exitOf` tells how.
  return new Promise(() => undefined);
}

/**
 * A shell that waits for the end of a pipe which only this process holds open, then kills workerd: so no server is
 * left behind when this process is killed without a chance to clean up.
 * @param {number} pid
 * @param {Promise<string>} exited
 */
function guard(pid, exited) {
  const shell = spawn("/bin/sh", ["-c", 'read -r _; kill -9 "$0"', String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  shell.on("error", (error) => console.error(`Without a guard: ${error.message}`));
  shell.unref();
  exited.then(() => shell.kill("SIGKILL"));
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {Promise<string>} exited
 */
async function stop(child, exited) {
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
  await exited;
  clearTimeout(timer);
}
