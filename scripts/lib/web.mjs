// @ts-check
import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { markBuildUsed } from "./build-cache.mjs";
import { Failure } from "./failure.mjs";
import { ROOT, SCRATCH } from "./paths.mjs";
import { capture } from "./process.mjs";

const BUILDS = path.join(SCRATCH, "web");

/** Where wrangler.toml says that the files lie: what is deployed, and what `npm run dev` serves. */
export const WEB_DIST = path.join(ROOT, "web", "dist");

/** What the web client is made from. */
export const WEB_INPUTS = ["web", "sdk", "src/protocol", "package-lock.json"];

/** Everything that is loaded before the list of chats is there, compressed; more than this is a fault of the build. */
export const INITIAL_JS_BUDGET = 200 * 1024;

/**
 * The web client as files, built by Vite. Built once per state of its inputs, like the Worker's bundle.
 * @param {() => void} [onBuild] called if there is something to build
 * @returns {Promise<string>} the folder
 */
export async function ensureWeb(onBuild = () => undefined) {
  const folder = path.join(BUILDS, inputHash());
  if (!fs.existsSync(path.join(folder, "index.html"))) {
    onBuild();
    await build(folder);
  }
  markBuildUsed(folder);
  return folder;
}

/**
 * Puts the built client where wrangler looks for it.
 * @param {() => void} [onBuild]
 */
export async function publishWeb(onBuild) {
  const built = await ensureWeb(onBuild);
  copyFolder(built, WEB_DIST);
}

/** wrangler reads no configuration whose folder of assets is missing, though it may be empty. */
export function ensureWebFolder() {
  fs.mkdirSync(WEB_DIST, { recursive: true });
}

/**
 * Replaces a folder by a copy that everybody may read: a service may run as another user.
 * @param {string} from
 * @param {string} to
 */
export function copyFolder(from, to) {
  const unfinished = `${to}.${randomUUID()}`;
  fs.cpSync(from, unfinished, { recursive: true });
  for (const entry of fs.readdirSync(unfinished, { recursive: true, withFileTypes: true })) {
    fs.chmodSync(path.join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
  fs.chmodSync(unfinished, 0o755);
  fs.rmSync(to, { recursive: true, force: true });
  fs.renameSync(unfinished, to);
}

/**
 * What of the built client is loaded at first, and how large each file is: to sign in, and then to chat.
 * @param {string} folder
 * @returns {{ initial: FileSize[], initialJs: number, initialCss: number, signedInJs: number }} totals in bytes, compressed
 */
export function sizesOf(folder) {
  const page = fs.readFileSync(path.join(folder, "index.html"), "utf8");
  const names = [...page.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map(([, name = ""]) => name);
  const initial = names.map((name) => sizeOf(folder, name));
  const assets = fs.readdirSync(path.join(folder, "assets"));
  const frame = assets.find((name) => /^frame-.*\.js$/.test(name));
  const later = frame === undefined ? [] : withImports(folder, `assets/${frame}`, new Set(names));
  /** @param {string} ending */
  const total = (ending) =>
    initial.filter(({ name }) => name.endsWith(ending)).reduce((sum, { gzip }) => sum + gzip, 0);
  const laterJs = later.reduce((sum, name) => sum + sizeOf(folder, name).gzip, 0);
  return {
    initial,
    initialJs: total(".js"),
    initialCss: total(".css"),
    signedInJs: total(".js") + laterJs,
  };
}

/** @typedef {{ name: string, bytes: number, gzip: number }} FileSize */

/**
 * @param {string} folder
 * @param {string} name
 * @returns {FileSize}
 */
function sizeOf(folder, name) {
  const content = fs.readFileSync(path.join(folder, name));
  return { name, bytes: content.length, gzip: gzipSync(content).length };
}

/**
 * A chunk and what it imports at once, but for what is there already.
 * @param {string} folder
 * @param {string} name
 * @param {Set<string>} known
 * @returns {string[]}
 */
function withImports(folder, name, known) {
  if (known.has(name)) return [];
  known.add(name);
  const code = fs.readFileSync(path.join(folder, name), "utf8");
  const imported = [...code.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)];
  return [name, ...imported.flatMap(([, next = ""]) => withImports(folder, `assets/${next}`, known))];
}

function inputHash() {
  const hash = createHash("sha256");
  for (const file of webInputFiles()) {
    hash.update(`\0${path.relative(ROOT, file)}\0`).update(fs.readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

/** The files of `WEB_INPUTS`, sorted. */
export function webInputFiles() {
  return WEB_INPUTS.map((name) => path.join(ROOT, name))
    .flatMap((input) => (fs.statSync(input).isDirectory() ? filesUnder(input) : [input]))
    .sort();
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesUnder(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return /^dist\b/.test(entry.name) ? [] : filesUnder(file);
    return entry.isFile() ? [file] : [];
  });
}

/**
 * Builds beside the folder and moves the result there in one step, so that two builds at once do no harm.
 * @param {string} folder
 */
async function build(folder) {
  const unfinished = `${folder}.${randomUUID()}`;
  const args = ["build", "web", "--outDir", unfinished, "--emptyOutDir", "--logLevel", "warn"];
  const { code, output } = await capture("vite", args, { env: { NODE_ENV: "production" } });
  if (code !== 0) throw new Failure(`The web client does not build:\n\n${output.trim()}`);
  const { signedInJs } = sizesOf(unfinished);
  if (signedInJs > INITIAL_JS_BUDGET) {
    throw new Failure(
      `The web client loads ${signedInJs} bytes of JS at first; ${INITIAL_JS_BUDGET} are allowed.`,
    );
  }
  if (fs.existsSync(path.join(folder, "index.html"))) fs.rmSync(unfinished, { recursive: true });
  else fs.renameSync(unfinished, folder);
}
