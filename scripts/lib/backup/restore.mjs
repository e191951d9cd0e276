// @ts-check
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { LOCK_FILE, lockOf, nameOf, UNFINISHED_RESTORE } from "../data-folder.mjs";
import { Failure } from "../failure.mjs";
import { nextGeneration, writeGeneration } from "../generation.mjs";
import { ROOT, SCRATCH, shortPath } from "../paths.mjs";
import { sizeText } from "../size-text.mjs";
import { copyFile } from "./copy.mjs";
import { CONTENT, readManifest, verifyFiles } from "./manifest.mjs";
import { progressOf } from "./progress.mjs";
import { forEachParallel } from "./snapshot.mjs";
import { fillDataFolder, makeFolder } from "./unfinished.mjs";

const USAGE = `npm run restore -- --from <backup> [--data <dir>]

  --from <backup>  a folder that npm run backup made
  --data <dir>     the data folder (UIM_DATA_DIR, default .uim/data); must be empty or not exist
  --verify         only check the backup`;

/** A folder with no more than this is empty: a lock that nobody has, or this process, and what a file system's root may hold. */
const OF_NO_ACCOUNT = [LOCK_FILE, "lost+found"];

/**
 * Makes a data folder from a backup. Resolves to the exit code.
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
export async function restore(args, env) {
  const { from, data, verify, help } = parseFlags(args);
  if (help) {
    console.log(USAGE);
    return 0;
  }
  if (from === undefined) throw new Failure(`Say which backup: --from.\n\n${USAGE}`);
  // Whatever is written from here on is for this user alone.
  process.umask(0o077);
  // A relative folder is meant from where the command was typed; npm moves to the repository.
  const here = env.INIT_CWD ?? ROOT;
  const backup = path.resolve(here, from);
  const dataDir = behindLinks(path.resolve(here, data || env.UIM_DATA_DIR || path.join(SCRATCH, "data")));
  const manifest = readManifest(backup);
  if (!verify) refuseUnlessEmpty(dataDir);
  await verifyFiles(backup, manifest, progressOf("Verified"));
  const { databases, bytes, taken_at, damaged } = manifest;
  console.log(
    `The backup is sound: ${databases} databases, ${sizeText(bytes)}, as they were at ${taken_at}.`,
  );
  for (const { path: file, cause } of damaged) console.error(`DAMAGED before the backup: ${file}: ${cause}`);
  if (verify) return 0;
  const make = fs.existsSync(dataDir) ? fillDataFolder : makeFolder;
  await make(dataDir, async (unfinished) => {
    // Once more, now that nobody else can take it: the checking may have taken long.
    refuseContents(dataDir, [...OF_NO_ACCOUNT, UNFINISHED_RESTORE]);
    await copyAll(backup, manifest, unfinished);
    // Devices that saw what came after the backup must not believe that they know the rest.
    const generation = nextGeneration([unfinished, backup], Date.now());
    noteRestored(backup, generation);
    writeGeneration(unfinished, generation);
  });
  console.log(`\nRestored to ${shortPath(dataDir)}. What was written after ${taken_at} is not in there.`);
  if (!manifest.has_secrets) {
    console.log("The backup holds no secrets: start with the MASTER_KEY of that server in the environment.");
  }
  return 0;
}

/**
 * Beside the backup: what it began when it was restored must not begin again with another restore.
 * @param {string} backup
 * @param {number} generation
 */
function noteRestored(backup, generation) {
  try {
    writeGeneration(backup, generation);
  } catch (error) {
    console.error(
      `The backup cannot note that it was restored (${error instanceof Error ? error.message : error}). ` +
        "Before you restore it once more, let an hour pass: devices tell two restores apart by the hour.",
    );
  }
}

/**
 * The folder that a link leads to, be there one or not: systemd makes such a link for a service with a user of its own,
 * and wants to find it again.
 * @param {string} folder
 * @returns {string}
 */
function behindLinks(folder) {
  const isLink = fs.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return isLink ? behindLinks(path.resolve(path.dirname(folder), fs.readlinkSync(folder))) : folder;
}

/** @param {string} dataDir */
function refuseUnlessEmpty(dataDir) {
  const lock = lockOf(dataDir);
  if (lock) throw new Failure(`${shortPath(dataDir)} is in use by ${nameOf(lock)}. Stop that one first.`);
  refuseContents(dataDir, OF_NO_ACCOUNT);
}

/**
 * @param {string} dataDir
 * @param {readonly string[]} but what may be in there
 */
function refuseContents(dataDir, but) {
  const found = fs.existsSync(dataDir) ? fs.readdirSync(dataDir) : [];
  if (found.some((name) => !but.includes(name))) {
    throw new Failure(
      `${shortPath(dataDir)} is not empty, and nothing in it is overwritten. Move it away, or restore to another folder.`,
    );
  }
}

/**
 * @param {string} backup
 * @param {import("./manifest.mjs").Manifest} manifest
 * @param {string} folder
 */
function copyAll(backup, manifest, folder) {
  return forEachParallel(manifest.files, progressOf("Restored"), async (file) => {
    const target = path.join(folder, file.path);
    await copyFile(path.join(backup, CONTENT, file.path), target);
    fs.chmodSync(target, 0o600);
  });
}

/** @param {readonly string[]} args */
function parseFlags(args) {
  const string = /** @type {const} */ ({ type: "string" });
  const boolean = /** @type {const} */ ({ type: "boolean" });
  const options = { from: string, data: string, verify: boolean, help: boolean };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Failure(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}
