// @ts-check
import fs from "node:fs";
import path from "node:path";
import { Failure } from "../failure.mjs";
import { shortPath } from "../paths.mjs";

/** Beside a database while it is open, or after a crash; its content is copied with the database. */
const SIDE_FILE = /\.sqlite-(?:wal|shm)$/;

/** A file system may note times no finer than this: two writes within it can look like one. */
const COARSE_TIME_MS = 100;

/**
 * What tells one state of a database file from the next. `isSettled` is false if it was written so shortly before that a
 * later write might look the same.
 * @typedef {{ mark: string, isSettled: boolean, isOpen: boolean }} Stamp
 */

/**
 * The databases under a folder, as paths relative to it. Fails if there is anything that is none: leaving it out in
 * silence would be losing it.
 * @param {string} folder
 * @returns {string[]}
 */
export function databaseFiles(folder) {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory() && !SIDE_FILE.test(entry.name))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  const strange = files.find((file) => !file.endsWith(".sqlite"));
  if (strange !== undefined) {
    throw new Failure(
      `${shortPath(path.join(folder, strange))} is not a database, and a backup does not know how to copy it. Move it elsewhere.`,
    );
  }
  return files;
}

/**
 * @param {string} file
 * @returns {Stamp | null} null if the database has been deleted
 */
export function stampOf(file) {
  const main = fs.statSync(file, { bigint: true, throwIfNoEntry: false });
  if (!main) return null;
  const wal = fs.statSync(`${file}-wal`, { bigint: true, throwIfNoEntry: false });
  const parts = [main, wal].map((stat) => (stat ? `${stat.ino}/${stat.size}/${stat.mtimeNs}` : "-"));
  const writtenMs = Math.max(Number(main.mtimeMs), Number(wal?.mtimeMs ?? 0));
  return {
    mark: parts.join(" "),
    isSettled: Date.now() - writtenMs > COARSE_TIME_MS,
    isOpen: wal !== undefined,
  };
}
