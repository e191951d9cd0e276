import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { fillDataFolder } from "../../scripts/lib/backup/unfinished.mjs";
import { lockDataFolder } from "../../scripts/lib/data-folder.mjs";
import { nextGeneration, raiseGeneration, readGeneration } from "../../scripts/lib/generation.mjs";
import { backedUp } from "./backed-up.ts";
import { runScript } from "./command.ts";
import { folderWith } from "./folder.ts";

function rowsOf(dataDir: string, name: string): unknown[] {
  const database = new DatabaseSync(path.join(dataDir, "state/objects", `${name}.sqlite`));
  try {
    return database
      .prepare("SELECT text FROM rows")
      .all()
      .map(({ text }) => text);
  } finally {
    database.close();
  }
}

function modesUnder(folder: string): number[] {
  const entries = fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
  return entries.map((entry) => fs.statSync(path.join(folder, entry)).mode & 0o077);
}

describe("npm run restore", () => {
  it("brings back what was in a folder, for its owner's eyes only", async () => {
    const { backup } = await backedUp();
    const restored = path.join(folderWith(), "new", "data");
    expect(await runScript("restore.mjs", ["--from", backup, "--data", restored])).toMatchObject({ code: 0 });
    expect(rowsOf(restored, "closed")).toEqual(["in closed"]);
    expect(rowsOf(restored, "killed")).toEqual(["in killed"]);
    expect(fs.readFileSync(path.join(restored, "secrets.json"), "utf8")).toBe('{"MASTER_KEY":"key"}');
    expect(new Set([...modesUnder(backup), ...modesUnder(restored)])).toEqual(new Set([0]));
    expect(fs.statSync(restored).mode & 0o077).toBe(0);
  });

  it.each<[string, (folder: string) => void]>([
    [
      "is there, as a mount point is",
      (folder) => {
        fs.mkdirSync(path.join(folder, "lost+found"), { recursive: true });
        fs.writeFileSync(path.join(folder, "lock.json"), JSON.stringify({ pid: spawnSync("true").pid }));
      },
    ],
    [
      "is there behind a link",
      (folder) => {
        fs.mkdirSync(`${folder}-behind`);
        fs.symlinkSync("data-behind", folder);
      },
    ],
    ["was moved away from behind a link", (folder) => fs.symlinkSync("data-behind", folder)],
  ])("fills an empty folder that %s, and leaves it the one that it was", async (_case, make) => {
    const { backup } = await backedUp();
    const folder = path.join(folderWith(), "data");
    make(folder);
    const { ino } = fs.lstatSync(folder);
    expect(await runScript("restore.mjs", ["--from", backup, "--data", folder])).toMatchObject({ code: 0 });
    expect(fs.lstatSync(folder).ino).toBe(ino);
    expect(rowsOf(folder, "killed")).toEqual(["in killed"]);
    const names = fs.readdirSync(folder).filter((name) => name !== "lost+found");
    expect(names.sort()).toEqual(["generation.json", "secrets.json", "state", "version.json"]);
  });

  it("leaves a folder that it has filled in part to nobody", async () => {
    const folder = folderWith();
    const failing = fillDataFolder(folder, () => Promise.reject(new Error("no space")));
    await expect(failing).rejects.toThrow("no space");
    expect(fs.readdirSync(folder)).toEqual([]);
    const interrupted = fillDataFolder(folder, async (unfinished) => {
      expect(() => lockDataFolder(folder)).toThrow("is in use");
      fs.mkdirSync(path.join(unfinished, "a"));
      fs.mkdirSync(path.join(unfinished, "b"));
      // In the way of the second.
      fs.mkdirSync(path.join(folder, "b/other"), { recursive: true });
    });
    await expect(interrupted).rejects.toThrow("ENOTEMPTY");
    expect(() => lockDataFolder(folder)).toThrow("whose restore was interrupted. Empty it and restore again");
  });

  it("brings back a backup without secrets, and says so", async () => {
    const { backup } = await backedUp("--without-secrets");
    expect(fs.readdirSync(path.join(backup, "data")).sort()).toEqual(["state", "version.json"]);
    const restored = path.join(folderWith(), "data");
    const { output } = await runScript("restore.mjs", ["--from", backup, "--data", restored]);
    expect(output).toContain("The backup holds no secrets");
  });

  it("begins another generation each time [DLV-1]", async () => {
    const { backup } = await backedUp();
    const generations: number[] = [];
    const restoreFrom = async (from: string) => {
      const restored = path.join(folderWith(), "data");
      expect(await runScript("restore.mjs", ["--from", from, "--data", restored])).toMatchObject({ code: 0 });
      generations.push(readGeneration(restored));
      return restored;
    };
    const restored = await restoreFrom(backup);
    await restoreFrom(backup);
    // Of a restored folder another backup is made, within the same hour.
    const later = path.join(folderWith(), "backup");
    await runScript("backup.mjs", ["--data", restored, "--to", later]);
    await restoreFrom(later);
    const [first = 0, second = 0, third = 0] = generations;
    expect(first).toBeGreaterThanOrEqual(Math.floor(Date.now() / 3_600_000) - 1);
    expect(second).toBeGreaterThan(first);
    expect(third).toBeGreaterThan(first);
  });
});

describe("raiseGeneration", () => {
  it("takes the higher of what was restored and what the operator asks for, and remembers it [DLV-1]", () => {
    const folder = folderWith({ "generation.json": '{"generation":500000}' });
    expect(raiseGeneration(folder, undefined)).toBe(500_000);
    expect(raiseGeneration(folder, "1")).toBe(500_000);
    expect(raiseGeneration(folder, "900000")).toBe(900_000);
    expect(nextGeneration([folder], Date.now())).toBe(900_001);
    expect(() => raiseGeneration(folder, "next")).toThrow('must be a whole number, not "next"');
  });
});

describe("npm run restore refuses", () => {
  const refused = async (backup: string, dataDir = path.join(folderWith(), "data")) => {
    const { code, output } = await runScript("restore.mjs", ["--from", backup, "--data", dataDir]);
    expect(code).toBe(1);
    return output;
  };

  it("a folder that is not empty or in use", async () => {
    const { backup, dataDir } = await backedUp();
    expect(await refused(backup, dataDir)).toContain("is not empty, and nothing in it is overwritten");
    const used = folderWith();
    const { unlock } = lockDataFolder(used);
    expect(await refused(backup, used)).toContain(`is in use by the UIM process ${process.pid}`);
    unlock();
  });

  it.each<[string, (backup: string) => void, string]>([
    ["that was interrupted", (at) => fs.rmSync(path.join(at, "manifest.json")), "not a complete backup"],
    ["with a file missing", (at) => fs.rmSync(path.join(at, "data/secrets.json")), "secrets.json is missing"],
    [
      "with a file changed",
      (at) => fs.appendFileSync(path.join(at, "data/state/objects/closed.sqlite"), "x"),
      "closed.sqlite is not what was backed up",
    ],
    ["of a newer format", (at) => edit(at, { format_version: 2 }), "does not know it"],
    ["of a newer version", (at) => edit(at, { uim_version: "99.0.0" }), "was written by UIM 99.0.0"],
    ["of something else", (at) => edit(at, { format: "other" }), "not the manifest of a UIM backup"],
    [
      "that would write elsewhere",
      (at) => edit(at, { files: [{ path: "../../x", bytes: 0, sha256: "" }] }),
      "names a file outside the backup",
    ],
  ])("a backup %s, and makes no folder", async (_case, spoil, message) => {
    const { backup } = await backedUp();
    spoil(backup);
    const dataDir = path.join(folderWith(), "data");
    expect(await refused(backup, dataDir)).toContain(message);
    expect(fs.readdirSync(path.dirname(dataDir))).toEqual([]);
  });
});

function edit(backup: string, change: object): void {
  const file = path.join(backup, "manifest.json");
  fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, "utf8")), ...change }));
}
