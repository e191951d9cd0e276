import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { lockDataFolder } from "../../scripts/lib/data-folder.mjs";
import { resolveSecrets } from "../../scripts/lib/secrets.mjs";
import { folderWith } from "./folder.ts";

describe("lockDataFolder", () => {
  it("gives a folder to one at a time", () => {
    const folder = path.join(folderWith(), "new", "data");
    const unlock = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow(`is in use by the UIM process ${process.pid}`);
    unlock();
    lockDataFolder(folder)();
  });

  it.each([
    ["of a process that has ended", () => ({ pid: spawnSync("true").pid, identity: null })],
    ["of a process whose pid another one has now", () => ({ pid: process.pid, identity: "an earlier boot" })],
    ["that was not written to its end", () => undefined],
  ])("takes over a lock %s", (_case, holder) => {
    const folder = folderWith({ "lock.json": JSON.stringify(holder()) ?? "" });
    const unlock = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow("is in use");
    unlock();
  });
});

describe("resolveSecrets", () => {
  it("makes a key once, readable by its owner only, and prefers the environment's", () => {
    const folder = folderWith();
    const { MASTER_KEY } = resolveSecrets(["MASTER_KEY"], folder, {});
    expect(Buffer.from(MASTER_KEY ?? "", "base64")).toHaveLength(32);
    expect(fs.statSync(path.join(folder, "secrets.json")).mode & 0o777).toBe(0o600);
    expect(resolveSecrets(["MASTER_KEY"], folder, {})).toEqual({ MASTER_KEY });
    expect(resolveSecrets(["MASTER_KEY"], folder, { MASTER_KEY: "mine" })).toEqual({ MASTER_KEY: "mine" });
  });

  it("asks for a secret that it cannot make", () => {
    expect(() => resolveSecrets(["OTHER"], folderWith(), {})).toThrow("The secret OTHER is missing");
  });
});
