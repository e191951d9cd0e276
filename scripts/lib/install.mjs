// @ts-check
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { isPackagedNode, NODE, ROOT, SCRATCH } from "./paths.mjs";
import { run } from "./process.mjs";
import { compareVersions } from "./version.mjs";

/** The npm that came with 20.0 and 20.1 leaves out every package that is made for one C library. */
const OLDEST_NODE = "20.2.0";
/** Which packages node_modules holds; missing while that is not sure. */
const STAMP = path.join(ROOT, "node_modules", ".uim-installed");
const LOCK_FILE = path.join(SCRATCH, "install.lock");
/** How `flock -n` says that somebody else has the lock. */
const FLOCK_TAKEN = 1;

/** Installs the packages if they are missing or are not those of the lock file. Needs nothing but Node and npm. */
export async function ensureInstalled() {
  if (compareVersions(process.versions.node, OLDEST_NODE) < 0) {
    throw new Failure(`UIM needs Node.js ${OLDEST_NODE} or newer; this is ${process.versions.node}.`);
  }
  const wanted = fingerprint();
  if (installed() === wanted) return;
  const lock = await takeLock();
  try {
    // Whoever had the lock may have done it meanwhile.
    if (installed() !== wanted) await install(wanted, lock);
  } finally {
    fs.closeSync(lock);
  }
}

/**
 * @param {string} wanted
 * @param {number} lock
 */
async function install(wanted, lock) {
  fs.rmSync(STAMP, { force: true });
  console.log("Installing packages (npm install) …");
  const code = await installTwice(lock);
  if (code !== 0) {
    throw new Failure(
      `npm install failed (exit code ${code}). Its messages above say why; run the command again once that is mended.`,
    );
  }
  fs.writeFileSync(STAMP, wanted);
}

/**
 * Waits until nobody else installs: each of two npm would take away what the other one has just put there. The lock is one
 * of the kernel's on an open file, so that it is free when the last process that has the file has ended, however it did.
 * @returns {Promise<number>} the file
 */
async function takeLock() {
  const file = openLockFile();
  if ((await flock(file, ["-n"])) !== FLOCK_TAKEN) return file;
  console.log("Another command is installing packages; waiting for it …");
  if ((await flock(file)) !== 0) throw new Failure("Stopped while another command was installing packages.");
  return file;
}

function openLockFile() {
  try {
    fs.mkdirSync(SCRATCH, { recursive: true });
    return fs.openSync(LOCK_FILE, "a");
  } catch (error) {
    throw new Failure(
      `Packages have to be installed, which this user cannot do: ${error instanceof Error ? error.message : error}. ` +
        "Run npm run build as the user to whom the folder belongs.",
    );
  }
}

/**
 * A system without flock(1) has to do without the lock.
 * @param {number} file
 * @param {readonly string[]} options
 */
async function flock(file, options = []) {
  try {
    return await run("flock", [...options, "3"], { file });
  } catch {
    return 0;
  }
}

/** Which packages node_modules should hold. */
function fingerprint() {
  const { dependencies, devDependencies, overrides } = JSON.parse(
    readIfThere(path.join(ROOT, "package.json")),
  );
  const hash = createHash("sha256")
    .update(JSON.stringify([dependencies, devDependencies, overrides]))
    .update(readIfThere(path.join(ROOT, "package-lock.json")));
  return `${process.platform} ${process.arch} ${hash.digest("hex")}`;
}

function installed() {
  return readIfThere(STAMP);
}

/** @param {string} file */
function readIfThere(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
}

/**
 * npm leaves out an optional package that refuses the Node under which npm runs. What an older one had left out, the Node
 * among the packages brings; there is seldom anything to do for it.
 * @param {number} lock
 */
async function installTwice(lock) {
  const code = await npmInstall(process.execPath, lock);
  return code !== 0 || isPackagedNode() ? code : npmInstall(NODE, lock);
}

/**
 * `install`, not `ci`: the lock names builds of workerd for platforms on which this release is not published, and
 * `ci` insists on them. `--no-save` leaves the lock file as it was committed. Warnings are left out: they are about
 * the Node that runs npm, while the packages run under the Node among them. npm holds the lock too: it may go on when this
 * process is killed.
 * @param {string} node
 * @param {number} lock
 */
function npmInstall(node, lock) {
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--include=dev", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  const options = { file: lock };
  // Found on the PATH, it runs under the Node found there: the one among the packages, once there is one.
  return npm?.endsWith(".js") ? run(node, [npm, ...args], options) : run("npm", args, options);
}
