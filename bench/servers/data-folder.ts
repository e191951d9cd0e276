import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** What is still there when this process ends, for whatever reason, goes with it. */
const folders = new Set<string>();

process.once("exit", () => {
  for (const folder of folders) removeFolder(folder);
});

/** A file system in memory, as Linux numbers them (statfs(2)). */
const TMPFS = 0x01021994;

/** Are the folders that are made here on a disk, for which a commit has to wait? */
export function isOnDisk(): boolean {
  return fs.statfsSync(os.tmpdir()).type !== TMPFS;
}

/** A fresh folder for one server. */
export function makeFolder(parent = os.tmpdir()): string {
  const folder = fs.mkdtempSync(path.join(parent, "uim-bench-"));
  folders.add(folder);
  return folder;
}

const MEMORY = "/dev/shm";
const ENOUGH_BYTES = 4 * 2 ** 30;

/** A fresh folder in memory if there is room: seeding is thousands of small commits, and nobody times it. */
export function makeFolderInMemory(): string {
  if (!fs.existsSync(MEMORY)) return makeFolder();
  const { bavail, bsize } = fs.statfsSync(MEMORY);
  return makeFolder(bavail * bsize > ENOUGH_BYTES ? MEMORY : undefined);
}

/** Copies a folder, and waits until the copy is on disk: writing it out must not fall into what is measured. */
export function copyToDisk(from: string, to: string): void {
  fs.cpSync(from, to, { recursive: true });
  execFileSync("sync", ["-f", to]);
}

export function removeFolder(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}
