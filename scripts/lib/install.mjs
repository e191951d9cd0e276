// @ts-check
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { ROOT } from "./paths.mjs";
import { run } from "./process.mjs";

const OLDEST_NODE = 20;
const STAMP = path.join(ROOT, "node_modules", ".uim-installed");

/** Installs the packages if they are missing or are not those of the lock file. Needs nothing but Node and npm. */
export async function ensureInstalled() {
  const major = Number.parseInt(process.versions.node, 10);
  if (major < OLDEST_NODE) {
    throw new Failure(`UIM needs Node.js ${OLDEST_NODE} or newer; this is ${process.versions.node}.`);
  }
  const wanted = fingerprint();
  if (installed() === wanted) return;
  console.log("Installing packages (npm install) …");
  const code = await npmInstall();
  if (code !== 0) {
    throw new Failure(
      `npm install failed (exit code ${code}). Its messages above say why; run the command again once that is mended.`,
    );
  }
  fs.writeFileSync(STAMP, wanted);
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
 * `install`, not `ci`: the lock names builds of workerd for platforms on which this release is not published, and
 * `ci` insists on them. `--no-save` leaves the lock file as it was committed. Warnings are left out: they are about
 * the Node that runs npm, while the packages run under the Node among them.
 */
function npmInstall() {
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--include=dev", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  return npm?.endsWith(".js") ? run(process.execPath, [npm, ...args]) : run("npm", args);
}
