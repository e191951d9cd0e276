import { type ChildProcess, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { awaitDataFolder, lockDataFolder, lockOf } from "../../scripts/lib/data-folder.mjs";
import { GIVEN_UP_MS } from "../../scripts/lib/lock.mjs";
import { newMasterKey, resolveSecrets } from "../../scripts/lib/secrets.mjs";
import { startScript } from "./command.ts";
import { folderWith } from "./folder.ts";

/** A folder that a process of another container has: here its pid is that of another process, or of none. */
function folderOfAnotherContainer(): { folder: string; lastHeardOf: (ms_ago: number) => void } {
  const { pid } = spawnSync("true");
  const folder = folderWith({
    "lock.json": JSON.stringify({ pid, identity: null, namespace: "another" }),
  });
  const lastHeardOf = (ms_ago: number) => {
    const then = new Date(Date.now() - ms_ago);
    fs.utimesSync(path.join(folder, "lock.json"), then, then);
  };
  return { folder, lastHeardOf };
}

async function firstLineOf(child: ChildProcess): Promise<string> {
  for await (const chunk of child.stdout ?? []) return String(chunk).trim();
  return "";
}

describe("lockDataFolder", () => {
  it("gives a folder to one at a time", () => {
    const folder = path.join(folderWith(), "new", "data");
    const { unlock } = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow(`is in use by the UIM process ${process.pid}`);
    unlock();
    lockDataFolder(folder).unlock();
  });

  it.each([
    ["of a process that has ended", () => ({ pid: spawnSync("true").pid, identity: null })],
    ["of a process whose pid another one has now", () => ({ pid: process.pid, identity: "an earlier boot" })],
    ["that was not written to its end", () => undefined],
  ])("takes over a lock %s", (_case, holder) => {
    const folder = folderWith({ "lock.json": JSON.stringify(holder()) ?? "" });
    const { unlock } = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow("is in use");
    unlock();
  });

  it("gives a folder to one of many that find the lock of a process that has ended", async () => {
    const stale = JSON.stringify({ pid: spawnSync("true").pid, identity: null });
    for (let round = 0; round < 3; round++) {
      const folder = folderWith({ "lock.json": stale });
      const begin_at = String(Date.now() + 500);
      const rivals = Array.from({ length: 4 }, () =>
        startScript("test/scripts/lock-and-hold.mjs", [folder, begin_at]),
      );
      const outcomes = await Promise.all(rivals.map(firstLineOf));
      expect(outcomes.toSorted()).toEqual(["in use", "in use", "in use", "locked"]);
      expect(fs.readdirSync(folder)).toEqual(["lock.json"]);
      for (const rival of rivals) rival.kill("SIGKILL");
    }
  });

  it("does not take away the lock of whoever has the folder now", () => {
    const folder = folderWith();
    const { unlock } = lockDataFolder(folder);
    const other = JSON.stringify({ pid: process.ppid, identity: null });
    fs.writeFileSync(path.join(folder, "lock.json"), other);
    unlock();
    expect(fs.readFileSync(path.join(folder, "lock.json"), "utf8")).toBe(other);
  });

  it("leaves a folder to another container as long as its lock is touched", () => {
    const { folder, lastHeardOf } = folderOfAnotherContainer();
    expect(() => lockDataFolder(folder)).toThrow("by the UIM process of another container, where its pid is");
    lastHeardOf(GIVEN_UP_MS);
    lockDataFolder(folder).unlock();
  });

  it("touches the lock that it has, and no other", () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const folder = folderWith();
    const file = path.join(folder, "lock.json");
    const { unlock } = lockDataFolder(folder);
    fs.utimesSync(file, 0, 0);
    vi.advanceTimersByTime(GIVEN_UP_MS / 3);
    expect(fs.statSync(file).mtimeMs).toBeGreaterThan(0);
    fs.writeFileSync(file, JSON.stringify({ pid: process.ppid, identity: null }));
    fs.utimesSync(file, 0, 0);
    vi.advanceTimersByTime(GIVEN_UP_MS / 3);
    expect(fs.statSync(file).mtimeMs).toBe(0);
    unlock();
  });

  it("waits for a container that was killed to be given up, and not for one that lives", async () => {
    const { folder, lastHeardOf } = folderOfAnotherContainer();
    lastHeardOf(GIVEN_UP_MS - 500);
    (await awaitDataFolder(folder)).unlock();
    const living = folderOfAnotherContainer();
    living.lastHeardOf(1_000);
    const refused = expect(awaitDataFolder(living.folder)).rejects.toThrow("is in use");
    living.lastHeardOf(0);
    await refused;
  });

  it("says why a folder cannot be had", () => {
    const file = path.join(folderWith({ taken: "" }), "taken");
    expect(() => lockDataFolder(file)).toThrow("cannot be written to");
    const state = path.join(folderWith({ "state/objects/one.sqlite": "" }), "state/objects");
    // Root may write everywhere: there is nothing to refuse then.
    fs.chmodSync(state, 0o500);
    const lock = () => lockDataFolder(path.dirname(path.dirname(state))).unlock();
    if (process.getuid?.() === 0) expect(lock).not.toThrow();
    else expect(lock).toThrow("cannot be written to");
  });

  it("tells who has a folder and who serves it, while they live", () => {
    const folder = folderWith();
    expect(lockOf(folder)).toBeNull();
    const { servedBy, unlock } = lockDataFolder(folder);
    expect(lockOf(folder)).toMatchObject({ pid: process.pid });
    servedBy(process.ppid);
    expect(lockOf(folder)).toMatchObject({ pid: process.pid, server: { pid: process.ppid } });
    unlock();
    expect(lockOf(folder)).toBeNull();
  });
});

describe("resolveSecrets", () => {
  it("makes a key once, readable by its owner only, and prefers the environment's", () => {
    const folder = folderWith();
    const { MASTER_KEY } = resolveSecrets(["MASTER_KEY"], folder, {});
    expect(Buffer.from(MASTER_KEY ?? "", "base64")).toHaveLength(32);
    expect(fs.statSync(path.join(folder, "secrets.json")).mode & 0o777).toBe(0o600);
    expect(resolveSecrets(["MASTER_KEY"], folder, {})).toEqual({ MASTER_KEY });
    const mine = { MASTER_KEY: newMasterKey() };
    expect(resolveSecrets(["MASTER_KEY"], folder, mine)).toEqual(mine);
  });

  it("says why a file of secrets cannot be used", () => {
    const folder = folderWith({ "secrets.json": '{"MASTER' });
    expect(() => resolveSecrets(["MASTER_KEY"], folder, {})).toThrow("secrets.json cannot be read");
  });

  it("asks for a secret that it cannot make", () => {
    expect(() => resolveSecrets(["OTHER"], folderWith(), {})).toThrow("The secret OTHER is missing");
  });
});
