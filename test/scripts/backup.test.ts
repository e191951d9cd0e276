import { spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { lockDataFolder } from "../../scripts/lib/data-folder.mjs";
import { readGeneration } from "../../scripts/lib/generation.mjs";
import { runScript, startScript, untilPrinted } from "./command.ts";
import { folderWith } from "./folder.ts";

/** Nobody serves it, and nothing was written to it lately: two databases, one of which was left with a write-ahead log, as
 * by a SIGKILL. */
function dataFolder(): string {
  const folder = folderWith({
    "secrets.json": '{"MASTER_KEY":"key"}',
    "version.json": '{"version":"0.1.0"}',
  });
  fs.mkdirSync(path.join(folder, "state/objects"), { recursive: true });
  const write = (name: string) => {
    const database = new DatabaseSync(path.join(folder, "state/objects", `${name}.sqlite`));
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE rows (text)");
    database.prepare("INSERT INTO rows VALUES (?)").run(`in ${name}`);
    return database;
  };
  write("closed").close();
  const open = write("killed");
  // The log is kept: another reader is there while the writer closes.
  const keeper = new DatabaseSync(path.join(folder, "state/objects/killed.sqlite"), { readOnly: true });
  keeper.prepare("SELECT * FROM rows").all();
  open.close();
  onTestFinished(() => keeper.close());
  for (const name of fs.readdirSync(path.join(folder, "state/objects"))) {
    fs.utimesSync(path.join(folder, "state/objects", name), new Date(0), new Date(0));
  }
  return folder;
}

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

/** In the order in which they are written. */
function counts(dataDir: string): number[] {
  const folder = path.join(dataDir, "state/counters");
  const names = fs.readdirSync(folder).filter((name) => name.endsWith(".sqlite"));
  return names.sort().map((name) => {
    const database = new DatabaseSync(path.join(folder, name), { readOnly: true });
    try {
      return Number(database.prepare("SELECT n FROM counter").get()?.n);
    } finally {
      database.close();
    }
  });
}

async function backedUp(...flags: string[]): Promise<{ dataDir: string; backup: string }> {
  const dataDir = dataFolder();
  const backup = path.join(folderWith(), "backup");
  expect(await runScript("backup.mjs", ["--data", dataDir, "--to", backup, ...flags])).toMatchObject({
    code: 0,
  });
  return { dataDir, backup };
}

function modesUnder(folder: string): number[] {
  const entries = fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
  return entries.map((entry) => fs.statSync(path.join(folder, entry)).mode & 0o077);
}

describe("npm run backup and npm run restore", () => {
  it("bring back what was in a folder, for its owner's eyes only", async () => {
    const { backup } = await backedUp();
    const restored = path.join(folderWith(), "new", "data");
    expect(await runScript("restore.mjs", ["--from", backup, "--data", restored])).toMatchObject({ code: 0 });
    expect(rowsOf(restored, "closed")).toEqual(["in closed"]);
    expect(rowsOf(restored, "killed")).toEqual(["in killed"]);
    expect(fs.readFileSync(path.join(restored, "secrets.json"), "utf8")).toBe('{"MASTER_KEY":"key"}');
    expect(new Set([...modesUnder(backup), ...modesUnder(restored)])).toEqual(new Set([0]));
    expect(fs.statSync(restored).mode & 0o077).toBe(0);
  });

  it("hold all databases at one moment while a server writes to them", async () => {
    const dataDir = path.join(folderWith(), "data");
    const server = startScript("test/scripts/counting-server.mjs", [dataDir]);
    await untilPrinted(server, "counting");
    const backups = folderWith();
    for (const name of ["first", "second", "third"]) {
      const before = counts(dataDir)[0] ?? 0;
      const backup = path.join(backups, name);
      expect(await runScript("backup.mjs", ["--data", dataDir, "--to", backup])).toMatchObject({ code: 0 });
      const [first = 0, ...others] = counts(path.join(backup, "data"));
      expect(first).toBeGreaterThan(before);
      // The writer goes through them in order: some are ahead by one, and those are the first ones.
      expect(others).toEqual([...others].sort((left, right) => right - left));
      expect([first, first - 1]).toContain(others.at(-1));
      expect(counts(dataDir)[0]).toBeGreaterThan(first);
    }
  });

  it("wait for a server that has a database locked", async () => {
    const dataDir = path.join(folderWith(), "data");
    const server = startScript("test/scripts/counting-server.mjs", [dataDir, "locking"]);
    await untilPrinted(server, "counting");
    for (const name of ["first", "second", "third", "fourth"]) {
      const backup = path.join(folderWith(), name);
      expect(await runScript("backup.mjs", ["--data", dataDir, "--to", backup])).toMatchObject({ code: 0 });
    }
  });

  it("let a server go on when the backup dies in the middle of the pause", async () => {
    const dataDir = path.join(folderWith(), "data");
    const server = startScript("test/scripts/counting-server.mjs", [dataDir]);
    await untilPrinted(server, "counting");
    const backup = startScript("test/scripts/pause-and-die.mjs", [String(server.pid)]);
    await untilPrinted(backup, "paused");
    const paused = counts(dataDir);
    expect(counts(dataDir)).toEqual(paused);
    backup.kill("SIGKILL");
    await expect.poll(() => counts(dataDir)[0]).toBeGreaterThan(paused[0] ?? 0);
  });

  it("leave nothing that looks complete when they are interrupted", async () => {
    const [dataDir, target] = [dataFolder(), folderWith()];
    // Somebody has the folder and does not serve it yet: the backup waits.
    const { unlock } = lockDataFolder(dataDir);
    const backup = startScript("scripts/backup.mjs", [
      "--data",
      dataDir,
      "--to",
      path.join(target, "backup"),
    ]);
    await expect.poll(() => fs.readdirSync(target)).toEqual([`backup.unfinished-${backup.pid}`]);
    expect(fs.readdirSync(path.join(target, `backup.unfinished-${backup.pid}`))).not.toContain(
      "manifest.json",
    );
    backup.kill("SIGTERM");
    await once(backup, "exit");
    expect(fs.readdirSync(target)).toEqual([]);
    unlock();
  });

  it("leave secrets out when told to, and say so", async () => {
    const { backup } = await backedUp("--without-secrets");
    expect(fs.readdirSync(path.join(backup, "data")).sort()).toEqual(["state", "version.json"]);
    const restored = path.join(folderWith(), "data");
    const { output } = await runScript("restore.mjs", ["--from", backup, "--data", restored]);
    expect(output).toContain("The backup holds no secrets");
  });

  it("keep the newest of many", async () => {
    const { pid } = spawnSync("true");
    const into = folderWith({
      "uim-2020-01-01T000000Z/manifest.json": "{}",
      [`uim-2020-01-02T000000Z.unfinished-${pid}/data`]: "of one that was killed",
      "other/file": "",
    });
    const args = ["--data", dataFolder(), "--into", into, "--keep", "1"];
    expect(await runScript("backup.mjs", args)).toMatchObject({ code: 0 });
    const [kept, ...rest] = fs.readdirSync(into).filter((name) => name !== "other");
    expect(rest).toEqual([]);
    expect(kept).toMatch(/^uim-20[2-9]\d-\d\d-\d\dT\d{6}Z$/);
    expect(kept).not.toBe("uim-2020-01-01T000000Z");
  });

  it("copy a damaged database as it is, and say so", async () => {
    const dataDir = dataFolder();
    const file = path.join(dataDir, "state/objects/closed.sqlite");
    const bytes = fs.readFileSync(file);
    // The page of the table; the header is left whole.
    fs.writeFileSync(file, bytes.fill(0xff, 4_096));
    const sound = "uim-2020-01-01T000000Z";
    const into = folderWith({ [`${sound}/manifest.json`]: "{}" });
    const args = ["--data", dataDir, "--into", into, "--keep", "1"];
    const { code, output } = await runScript("backup.mjs", args);
    expect(code).toBe(1);
    expect(output).toContain("DAMAGED, copied as it is: state/objects/closed.sqlite");
    const [older, made] = fs.readdirSync(into).sort();
    // It may be the last that is sound.
    expect(older).toBe(sound);
    expect(fs.existsSync(path.join(into, made ?? "", "manifest.json"))).toBe(true);
  });

  it("begin another generation with every restore [DLV-1]", async () => {
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

describe("npm run backup refuses", () => {
  const refused = async (dataDir: string, to: string) => {
    const { code, output } = await runScript("backup.mjs", ["--data", dataDir, "--to", to]);
    expect(code).toBe(1);
    return output;
  };

  it("a folder without data, and a target that exists", async () => {
    const [empty, target] = [folderWith(), folderWith()];
    expect(await refused(empty, path.join(target, "backup"))).toContain("holds no data of UIM");
    expect(await refused(dataFolder(), target)).toContain("exists already");
    expect(fs.readdirSync(target)).toEqual([]);
  });

  it("what it does not know how to copy, and leaves nothing behind", async () => {
    const dataDir = dataFolder();
    fs.writeFileSync(path.join(dataDir, "state/objects/picture.jpg"), "");
    const target = folderWith();
    expect(await refused(dataDir, path.join(target, "backup"))).toContain("picture.jpg is not a database");
    expect(fs.readdirSync(target)).toEqual([]);
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
