// @ts-check
import fs from "node:fs";
import path from "node:path";
import { ensureBundle } from "./bundle.mjs";
import { Failure } from "./failure.mjs";
import { ROOT, SCRATCH, shortPath } from "./paths.mjs";
import { sizeText } from "./size-text.mjs";
import { copyFolder, ensureWeb, sizesOf, webInputFiles } from "./web.mjs";

/** Built once and kept, where the cache of builds deletes what is old. */
const RELEASES = path.join(SCRATCH, "release");
const WEB_RELEASE = path.join(RELEASES, "web");

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
  await buildWebRelease();
  console.log(`Built: ${shortPath(file)}. Start it with: ${command("npm start -- --built", environment)}`);
  return 0;
}

async function buildWebRelease() {
  const built = await ensureWeb(() => console.log("Building the web client …"));
  copyFolder(built, WEB_RELEASE);
  const { initial, initialJs, initialCss, signedInJs } = sizesOf(built);
  for (const { name, bytes, gzip } of initial)
    console.log(`  ${name}  ${sizeText(bytes)}, gzip ${sizeText(gzip)}`);
  console.log(
    `  At first, compressed: ${sizeText(initialJs)} of JS, ${sizeText(initialCss)} of CSS; with the chats ${sizeText(signedInJs)} of JS`,
  );
}

/**
 * The web client that `npm run build` made. Fails if its sources have changed since.
 * @param {string | null} environment
 * @returns {string} the folder
 */
export function builtWeb(environment) {
  failUnlessCurrent(path.join(WEB_RELEASE, "index.html"), webInputFiles(), environment);
  return WEB_RELEASE;
}

/**
 * The build that `npm run build` made. Fails if the sources have changed since.
 * @param {string | null} environment
 * @returns {string}
 */
export function builtRelease(environment) {
  const file = releaseFile(environment);
  failUnlessCurrent(file, inputFiles(), environment);
  return file;
}

/**
 * @param {string} file
 * @param {readonly string[]} inputs
 * @param {string | null} environment
 */
function failUnlessCurrent(file, inputs, environment) {
  const build = command("npm run build", environment);
  const built = fs.statSync(file, { throwIfNoEntry: false });
  if (!built) throw new Failure(`There is no ${shortPath(file)}. Make it with: ${build}`);
  const newer = inputs.find((input) => fs.statSync(input).mtimeMs > built.mtimeMs);
  if (newer === undefined) return;
  throw new Failure(
    `${shortPath(newer)} has changed since ${shortPath(file)} was built. Build again: ${build}`,
  );
}

/**
 * A command as it is to be typed: whoever builds for a service does not have the service's environment.
 * @param {string} line
 * @param {string | null} environment
 */
function command(line, environment) {
  return environment === null ? line : `UIM_ENV=${environment} ${line}`;
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
