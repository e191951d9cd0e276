// @ts-check
import fs from "node:fs";
import path from "node:path";
import { ensureBundle } from "./bundle.mjs";
import { Failure } from "./failure.mjs";
import { ROOT, SCRATCH, shortPath } from "./paths.mjs";

/** Built once and kept, where the cache of builds deletes what is old. */
const RELEASES = path.join(SCRATCH, "release");

/** What a build is made from. */
const INPUTS = ["src", "wrangler.toml", "package-lock.json"];

/**
 * Builds the server for a user who cannot: a service that may not write to the repository. Resolves to the exit code.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
export async function buildRelease(env) {
  const environment = env.UIM_ENV || null;
  const file = releaseFile(environment);
  const bundle = await ensureBundle(environment, () => console.log("Building the server …"));
  fs.mkdirSync(RELEASES, { recursive: true });
  fs.copyFileSync(bundle, `${file}.new`);
  // Whoever serves it has to read it.
  fs.chmodSync(`${file}.new`, 0o644);
  fs.renameSync(`${file}.new`, file);
  console.log(`Built: ${shortPath(file)}. Start it with: npm start -- --built`);
  return 0;
}

/**
 * The build that `npm run build` made. Fails if the sources have changed since.
 * @param {string | null} environment
 * @returns {string}
 */
export function builtRelease(environment) {
  const file = releaseFile(environment);
  const built = fs.statSync(file, { throwIfNoEntry: false });
  if (!built) throw new Failure(`There is no ${shortPath(file)}. Make it with: npm run build`);
  const newer = inputFiles().find((input) => fs.statSync(input).mtimeMs > built.mtimeMs);
  if (newer !== undefined) {
    throw new Failure(`${shortPath(newer)} has changed since the last build. Build again: npm run build`);
  }
  return file;
}

/** @param {string | null} environment */
function releaseFile(environment) {
  return path.join(RELEASES, `${environment ?? "default"}.js`);
}

function inputFiles() {
  return INPUTS.map((name) => path.join(ROOT, name)).flatMap((input) =>
    fs.statSync(input).isDirectory()
      ? fs
          .readdirSync(input, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => path.join(entry.parentPath, entry.name))
      : [input],
  );
}
