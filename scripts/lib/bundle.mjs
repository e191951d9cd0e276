// @ts-check
import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { markBuildUsed } from "./build-cache.mjs";
import { Failure } from "./failure.mjs";
import { ROOT, SCRATCH } from "./paths.mjs";
import { capture } from "./process.mjs";
import { ensureWebFolder } from "./web.mjs";

const BUILDS = path.join(SCRATCH, "build");
const BUNDLE = "worker.js";

/**
 * The Worker as one file, built by wrangler from src/. Built once per state of its inputs, so that a second start
 * takes no time.
 * @param {string | null} environment the `[env.…]` of wrangler.toml
 * @param {() => void} [onBuild] called if there is something to build
 * @param {string | null} [entry] another main module than wrangler.toml's; what lies beside it counts as an input
 * @returns {Promise<string>} the file
 */
export async function ensureBundle(environment, onBuild = () => undefined, entry = null) {
  const folder = path.join(BUILDS, inputHash(environment, entry));
  const file = path.join(folder, path.basename(entry ?? BUNDLE).replace(/\.ts$/, ".js"));
  if (!fs.existsSync(file)) {
    onBuild();
    await build(environment, entry, folder, path.basename(file));
  }
  markBuildUsed(folder);
  return file;
}

/**
 * Everything that can change the bundle: the sources, the configuration, the packages.
 * @param {string | null} environment
 * @param {string | null} entry
 */
function inputHash(environment, entry) {
  const folders = [path.join(ROOT, "src"), ...(entry === null ? [] : [path.dirname(entry)])];
  const sources = folders.flatMap((folder) =>
    fs
      .readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => path.join(file.parentPath, file.name)),
  );
  const files = [...sources.sort(), path.join(ROOT, "wrangler.toml"), path.join(ROOT, "package-lock.json")];
  const hash = createHash("sha256").update(`${environment ?? ""}\0${entry ?? ""}`);
  for (const file of files) {
    hash.update(`\0${path.relative(ROOT, file)}\0`).update(fs.readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * Builds beside the folder and moves the result there in one step, so that two builds at once do no harm.
 * @param {string | null} environment
 * @param {string | null} entry
 * @param {string} folder
 * @param {string} bundle the name of the file
 */
async function build(environment, entry, folder, bundle) {
  ensureWebFolder();
  const unfinished = `${folder}.${randomUUID()}`;
  const options = ["--dry-run", `--env=${environment ?? ""}`, "--outdir", unfinished];
  const args = ["deploy", ...(entry === null ? [] : [entry]), ...options];
  // The build needs no secrets; naming one keeps wrangler from warning that it is missing.
  const { code, output } = await capture("wrangler", args, { env: { MASTER_KEY: "-" } });
  if (code !== 0) throw new Failure(`The server does not build:\n\n${output.trim()}`);
  const modules = fs.readdirSync(unfinished).filter((name) => !/\.map$|^README\.md$/.test(name));
  if (modules.join() !== bundle) throw new Error(`Expected one module, ${bundle}, got ${modules.join()}`);
  if (fs.existsSync(path.join(folder, bundle))) fs.rmSync(unfinished, { recursive: true });
  else fs.renameSync(unfinished, folder);
}
