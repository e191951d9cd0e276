// @ts-check
import fs from "node:fs";
import path from "node:path";
import { Failure } from "../failure.mjs";
import { shortPath } from "../paths.mjs";
import { refuseNewer } from "../version.mjs";
import { digest } from "./copy.mjs";
import { forEachParallel } from "./snapshot.mjs";

/** Written last: a folder without it is no backup. */
const MANIFEST_FILE = "manifest.json";
/** The data folder's files lie in here, under their own names. */
export const CONTENT = "data";

const FORMAT = "uim-backup";
const FORMAT_VERSION = 1;

/**
 * @typedef {object} BackedUpFile
 * @property {string} path relative to the data folder
 * @property {number} bytes
 * @property {string} sha256 hex
 */

/**
 * What a backup says of itself.
 * @typedef {object} Manifest
 * @property {string} format
 * @property {number} format_version
 * @property {string} uim_version which version of UIM made it
 * @property {string} started_at
 * @property {string} taken_at the moment at which the data stood so
 * @property {string} completed_at
 * @property {number} paused_ms for how long the server was paused
 * @property {boolean} has_secrets
 * @property {number} databases
 * @property {Record<string, number>} namespaces how many of them each class of objects has
 * @property {number} bytes
 * @property {{ path: string, cause: string }[]} damaged databases that were damaged already, and are copied as they are
 * @property {BackedUpFile[]} files
 */

/**
 * @param {string} folder
 * @param {Omit<Manifest, "format" | "format_version">} manifest
 */
export function writeManifest(folder, manifest) {
  const text = JSON.stringify({ format: FORMAT, format_version: FORMAT_VERSION, ...manifest }, null, 1);
  fs.writeFileSync(path.join(folder, MANIFEST_FILE), `${text}\n`, { flush: true });
}

/**
 * @param {string} folder
 * @returns {Manifest}
 */
export function readManifest(folder) {
  const file = path.join(folder, MANIFEST_FILE);
  if (!fs.existsSync(file)) {
    throw new Failure(`${shortPath(folder)} is not a complete backup: it has no ${MANIFEST_FILE}.`);
  }
  const manifest = parse(file);
  if (manifest?.format !== FORMAT || !Array.isArray(manifest.files)) {
    throw new Failure(`${shortPath(file)} is not the manifest of a UIM backup.`);
  }
  if (manifest.format_version > FORMAT_VERSION) {
    throw new Failure(
      `${shortPath(folder)} has the format ${manifest.format_version}; this version of UIM (${FORMAT_VERSION}) does not know it.`,
    );
  }
  refuseNewer(manifest.uim_version, shortPath(folder));
  return manifest;
}

/** @param {string} file */
function parse(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw new Failure(`${shortPath(file)} is damaged: ${error}`);
  }
}

/**
 * Compares every file with what the manifest says of it.
 * @param {string} folder
 * @param {Manifest} manifest
 * @param {(done: number, all: number) => void} onProgress
 */
export async function verifyFiles(folder, manifest, onProgress) {
  const content = path.join(folder, CONTENT);
  await forEachParallel(manifest.files, onProgress, async (file) => {
    const name = path.join(content, file.path);
    if (path.relative(content, name).startsWith("..")) {
      throw new Failure(`The manifest names a file outside the backup: ${file.path}`);
    }
    if (!fs.existsSync(name)) throw new Failure(`The backup is damaged: ${file.path} is missing.`);
    const { bytes, sha256 } = await digest(name);
    if (bytes !== file.bytes || sha256 !== file.sha256) {
      throw new Failure(`The backup is damaged: ${file.path} is not what was backed up.`);
    }
  });
}
