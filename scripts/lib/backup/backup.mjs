// @ts-check
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { Failure } from "../failure.mjs";
import { GENERATION_FILE } from "../generation.mjs";
import { ROOT, SCRATCH, shortPath } from "../paths.mjs";
import { SECRETS_FILE } from "../secrets.mjs";
import { sizeText } from "../size-text.mjs";
import { ownVersion, VERSION_FILE } from "../version.mjs";
import { copyFile, damageOf, digest } from "./copy.mjs";
import { CONTENT, writeManifest } from "./manifest.mjs";
import { progressOf } from "./progress.mjs";
import { forEachParallel, takeSnapshot } from "./snapshot.mjs";
import { deleteAbandoned, makeFolder } from "./unfinished.mjs";

const USAGE = `npm run backup -- --to <folder> | --into <folder> [options]

  --to <folder>        the backup to make; must not exist yet
  --into <folder>      make it in there, named after the time
  --keep <n>           with --into: delete the oldest so that n are left
  --data <dir>         the data folder (UIM_DATA_DIR, default .uim/data); its server may be running
  --without-secrets    leave secrets.json out; a restore then needs MASTER_KEY from elsewhere
  --max-pause <ms>     for how long the server may be paused (default 5000)`;

const NAME = /^uim-\d{4}-\d{2}-\d{2}T\d{6}Z$/;

/** @typedef {{ dataDir: string, target: string, keep: number | null, hasSecrets: boolean, max_pause_ms: number }} BackupOptions */

/**
 * Backs up a data folder. Resolves to the exit code.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
export async function backUp(args, env) {
  const options = readOptions(args, env);
  if (!options) {
    console.log(USAGE);
    return 0;
  }
  // Whatever is written from here on is for this user alone.
  process.umask(0o077);
  const { target } = options;
  assertReadable(options.dataDir);
  if (fs.existsSync(target)) throw new Failure(`${shortPath(target)} exists already.`);
  const damaged = await makeFolder(target, (unfinished) => fill(unfinished, options));
  console.log(`\nThe backup is complete: ${shortPath(target)}`);
  if (options.keep !== null) {
    // What is damaged now may be sound in the oldest only.
    if (damaged) console.log("Older backups are kept: this one holds what was damaged.");
    else tidy(path.dirname(target), options.keep);
  }
  return damaged ? 1 : 0;
}

/** @param {string} dataDir */
function assertReadable(dataDir) {
  try {
    fs.readdirSync(path.join(dataDir, "state"));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "EACCES") {
      throw new Failure(
        `${shortPath(dataDir)} belongs to another user. Run the backup as the user who runs the server, or as root.`,
      );
    }
    throw new Failure(`${shortPath(dataDir)} holds no data of UIM (${code}). Name the folder with --data.`);
  }
}

/**
 * @param {string} folder
 * @param {BackupOptions} options
 * @returns {Promise<boolean>} whether the data was damaged
 */
async function fill(folder, { dataDir, hasSecrets, max_pause_ms }) {
  const started_at = new Date();
  const content = path.join(folder, CONTENT);
  const { files, taken_at, paused_ms } = await takeSnapshot({
    dataDir,
    target: path.join(content, "state"),
    max_pause_ms,
    onProgress: progressOf("Copied"),
  });
  const others = [VERSION_FILE, GENERATION_FILE, ...(hasSecrets ? [SECRETS_FILE] : [])].filter((name) =>
    fs.existsSync(path.join(dataDir, name)),
  );
  for (const name of others) await copyFile(path.join(dataDir, name), path.join(content, name));
  tellOfSecrets(dataDir, hasSecrets);

  const names = [...others, ...files.map((file) => path.join("state", file))];
  /** @type {Map<string, import("./manifest.mjs").BackedUpFile>} */
  const described = new Map();
  /** @type {{ path: string, cause: string }[]} */
  const damaged = [];
  await forEachParallel(names, progressOf("Checked"), async (name) => {
    const copy = path.join(content, name);
    fs.chmodSync(copy, 0o600);
    const cause = name.endsWith(".sqlite") ? damageOf(copy) : null;
    if (cause !== null) damaged.push({ path: name, cause });
    described.set(name, { path: name, ...(await digest(copy)) });
  });
  const list = names.flatMap((name) => described.get(name) ?? []);
  const bytes = list.reduce((sum, file) => sum + file.bytes, 0);
  writeManifest(folder, {
    uim_version: ownVersion(),
    started_at: started_at.toISOString(),
    taken_at: taken_at.toISOString(),
    completed_at: new Date().toISOString(),
    paused_ms: Math.round(paused_ms),
    has_secrets: others.includes(SECRETS_FILE),
    databases: files.length,
    namespaces: countByFolder(files),
    bytes,
    damaged,
    files: list,
  });
  const paused = paused_ms > 0 ? `; the server was paused for ${paused_ms.toFixed(0)} ms` : "";
  console.log(
    `${files.length} databases, ${sizeText(bytes)}, as they were at ${taken_at.toISOString()}${paused}.`,
  );
  for (const { path: file, cause } of damaged) console.error(`DAMAGED, copied as it is: ${file}: ${cause}`);
  return damaged.length > 0;
}

/**
 * @param {readonly string[]} files
 * @returns {Record<string, number>}
 */
function countByFolder(files) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const folder of files.map((file) => path.dirname(file))) counts[folder] = (counts[folder] ?? 0) + 1;
  return counts;
}

/**
 * @param {string} dataDir
 * @param {boolean} hasSecrets
 */
function tellOfSecrets(dataDir, hasSecrets) {
  const exists = fs.existsSync(path.join(dataDir, SECRETS_FILE));
  if (exists && hasSecrets) {
    console.log(
      "The backup CONTAINS THE SECRETS (secrets.json): with it anyone can sign in as anyone. Keep it where only you can read it.",
    );
  } else {
    console.log(
      "The backup holds NO MASTER_KEY: keep the key elsewhere. Without it a restored server cannot use its signing keys.",
    );
  }
}

/**
 * @param {string} folder
 * @param {number} keep
 */
function tidy(folder, keep) {
  deleteAbandoned(folder);
  const backups = fs.readdirSync(folder).filter((name) => NAME.test(name));
  for (const name of backups.sort().slice(0, Math.max(0, backups.length - keep))) {
    console.log(`Deleting an old backup: ${name}`);
    fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}

/**
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {BackupOptions | null} null if help was asked for
 */
function readOptions(args, env) {
  const values = parseFlags(args);
  if (values.help) return null;
  const { to, into, keep } = values;
  if ((to === undefined) === (into === undefined))
    throw new Failure(`Say where to: --to or --into.\n\n${USAGE}`);
  if (keep !== undefined && into === undefined) throw new Failure("--keep goes with --into.");
  // A relative folder is meant from where the command was typed; npm moves to the repository.
  const from = env.INIT_CWD ?? ROOT;
  const target = to ?? path.join(into ?? "", nameOf(new Date()));
  return {
    dataDir: path.resolve(from, values.data || env.UIM_DATA_DIR || path.join(SCRATCH, "data")),
    target: path.resolve(from, target),
    keep: keep === undefined ? null : readNumber("--keep", keep),
    hasSecrets: values["without-secrets"] !== true,
    max_pause_ms: readNumber("--max-pause", values["max-pause"] ?? "5000"),
  };
}

/** @param {readonly string[]} args */
function parseFlags(args) {
  const string = /** @type {const} */ ({ type: "string" });
  const boolean = /** @type {const} */ ({ type: "boolean" });
  const options = {
    to: string,
    into: string,
    keep: string,
    data: string,
    "max-pause": string,
    "without-secrets": boolean,
    help: boolean,
  };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Failure(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

/**
 * @param {string} flag
 * @param {string} text
 */
function readNumber(flag, text) {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Failure(`${flag} takes a whole number above 0, not "${text}".`);
}

/**
 * Sorts by time, and is a name on every file system.
 * @param {Date} time
 */
function nameOf(time) {
  return `uim-${time
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "")}`;
}
