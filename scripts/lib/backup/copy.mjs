// @ts-check
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { stampOf } from "./database-files.mjs";

/** All pages in one step: between steps the source is let go, and a write by the server would begin the copy anew. */
const ALL_PAGES = 0x7fff_ffff;

/** The server locks a database for a moment when it opens or closes it. */
const LOCK_PATIENCE_MS = 5_000;

/**
 * A database held at one moment: what is written to it later does not show.
 * @param {string} file
 * @param {number} patience_ms how long to wait while it is locked; then see `isLocked`
 * @returns {DatabaseSync}
 */
export function pinDatabase(file, patience_ms) {
  // Read-only: it never checkpoints or deletes the write-ahead log, which is the server's business.
  const database = new DatabaseSync(file, { readOnly: true, timeout: patience_ms });
  try {
    database.exec("BEGIN");
    // The snapshot is taken by the first read.
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Did a database refuse because another process had it locked (SQLITE_BUSY and what extends it)?
 * @param {unknown} error
 */
export function isLocked(error) {
  return (
    error instanceof Error &&
    "errcode" in error &&
    typeof error.errcode === "number" &&
    (error.errcode & 0xff) === 5
  );
}

/**
 * @param {DatabaseSync} pinned
 * @param {string} target
 */
export async function copyPinned(pinned, target) {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.rmSync(target, { force: true });
  await backup(pinned, target, { rate: ALL_PAGES });
}

/**
 * Copies a database that a server may be writing to, as it is at some moment of the copying.
 * @param {string} file
 * @param {string} target
 */
export async function copyDatabase(file, target) {
  if (await copyClosed(file, target)) return;
  const pinned = pinDatabase(file, LOCK_PATIENCE_MS);
  try {
    await copyPinned(pinned, target);
  } finally {
    pinned.close();
  }
}

/**
 * A database that nobody has open is one file: copied as such, without opening it, so that a server that is about to
 * does not find it taken. False if it was opened meanwhile.
 * @param {string} file
 * @param {string} target
 */
async function copyClosed(file, target) {
  const before = stampOf(file);
  if (!before?.isSettled || before.isOpen) return false;
  await copyFile(file, target);
  return stampOf(file)?.mark === before.mark;
}

/**
 * @param {string} file
 * @param {string} target
 */
export async function copyFile(file, target) {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  // Where the file system can, the copy shares its blocks with the original until one of them changes.
  await fs.promises.copyFile(file, target, fs.constants.COPYFILE_FICLONE);
  await flush(target);
}

/**
 * Has the operating system put a file or folder on the disk.
 * @param {string} file
 */
export async function flush(file) {
  const handle = await fs.promises.open(file, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * @param {string} file
 * @returns {Promise<{ bytes: number, sha256: string }>}
 */
export async function digest(file) {
  const hash = createHash("sha256");
  await pipeline(fs.createReadStream(file), hash);
  return { bytes: fs.statSync(file).size, sha256: hash.digest("hex") };
}

/**
 * Why a copied database is damaged, by its own account; null if it is sound.
 * @param {string} file
 * @returns {string | null}
 */
export function damageOf(file) {
  const url = pathToFileURL(file);
  // Immutable: nobody else has it, and no log is to be made beside it.
  url.searchParams.set("immutable", "1");
  try {
    const database = new DatabaseSync(url, { readOnly: true });
    try {
      const found = database.prepare("PRAGMA quick_check(1)").get()?.quick_check;
      return found === "ok" ? null : String(found);
    } finally {
      database.close();
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
