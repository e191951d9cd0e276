import { spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { NotPaused, whilePaused } from "../../scripts/lib/backup/pause.mjs";
import { PAUSE_LOCK_FILE, takeSnapshot } from "../../scripts/lib/backup/snapshot.mjs";
import { lockDataFolder } from "../../scripts/lib/data-folder.mjs";
import { takeLock } from "../../scripts/lib/lock.mjs";
import { dataFolder } from "./backed-up.ts";
import { runScript, startScript, untilPrinted } from "./command.ts";
import { folderWith } from "./folder.ts";

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

describe("npm run backup", () => {
  it("holds all databases at one moment while a server writes to them", async () => {
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
      await expect.poll(() => counts(dataDir)[0]).toBeGreaterThan(first);
    }
  });

  it("waits while another one has the server paused, which would let it go on too early", async () => {
    const dataDir = path.join(folderWith(), "data");
    const server = startScript("test/scripts/counting-server.mjs", [dataDir]);
    await untilPrinted(server, "counting");
    const make = (target: string) =>
      runScript("backup.mjs", ["--data", dataDir, "--to", path.join(target, "backup")]);
    const began_at = performance.now();
    expect(await make(folderWith())).toMatchObject({ code: 0 });
    const took_ms = performance.now() - began_at;
    const other = takeLock(path.join(dataDir, PAUSE_LOCK_FILE));
    const target = folderWith();
    const made = make(target);
    const copies = () => fs.readdirSync(target, { recursive: true }).length;
    await expect.poll(copies).toBeGreaterThan(20);
    // Twice as long as a whole backup takes that does not wait.
    await new Promise((resolve) => setTimeout(resolve, 2 * took_ms));
    const released_at = new Date().toISOString();
    other?.release();
    expect(await made).toMatchObject({ code: 0 });
    const manifest = fs.readFileSync(path.join(target, "backup/manifest.json"), "utf8");
    expect(JSON.parse(manifest).taken_at >= released_at).toBe(true);
  });

  it("is made all the same when the disk of the server is full", async () => {
    const dataDir = path.join(folderWith(), "data");
    const server = startScript("test/scripts/counting-server.mjs", [dataDir]);
    await untilPrinted(server, "counting");
    const write = fs.writeFileSync;
    const full = vi.spyOn(fs, "writeFileSync").mockImplementation((file, ...rest) => {
      if (String(file).startsWith(dataDir)) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      write(file, ...rest);
    });
    onTestFinished(() => full.mockRestore());
    const plan = { dataDir, target: folderWith(), max_pause_ms: 5_000, onProgress: () => undefined };
    expect((await takeSnapshot(plan)).paused_ms).toBeGreaterThan(0);
    expect(full).toHaveBeenCalled();
  });

  it("notices that the server went on too early", async () => {
    const server = startScript("test/scripts/lock-and-hold.mjs", [folderWith()]);
    await untilPrinted(server, "locked");
    const pid = server.pid ?? 0;
    await expect(whilePaused(pid, 5_000, () => process.kill(pid, "SIGCONT"))).rejects.toThrow(NotPaused);
  });

  it("waits for a server that has a database locked", { timeout: 60_000 }, async () => {
    const dataDir = path.join(folderWith(), "data");
    const server = startScript("test/scripts/counting-server.mjs", [dataDir, "locking"]);
    await untilPrinted(server, "counting");
    for (const name of ["first", "second", "third", "fourth"]) {
      const backup = path.join(folderWith(), name);
      expect(await runScript("backup.mjs", ["--data", dataDir, "--to", backup])).toMatchObject({ code: 0 });
    }
  });

  it("lets a server go on when it dies in the middle of the pause", async () => {
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

  it("leaves nothing that looks complete when it is interrupted", async () => {
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

  it("keeps the newest of many", async () => {
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

  it("copies a damaged database as it is, and says so", async () => {
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

  it("a folder that is served in another container, where it cannot be paused", async () => {
    const dataDir = dataFolder();
    const lock = { pid: process.pid, identity: null, namespace: "another" };
    fs.writeFileSync(path.join(dataDir, "lock.json"), JSON.stringify(lock));
    const to = path.join(folderWith(), "backup");
    expect(await refused(dataDir, to)).toContain("can be backed up only from in there");
  });

  it("what it does not know how to copy, and leaves nothing behind", async () => {
    const dataDir = dataFolder();
    fs.writeFileSync(path.join(dataDir, "state/objects/picture.jpg"), "");
    const target = folderWith();
    expect(await refused(dataDir, path.join(target, "backup"))).toContain("picture.jpg is not a database");
    expect(fs.readdirSync(target)).toEqual([]);
  });
});
