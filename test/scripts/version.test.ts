import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { compareVersions, noteVersion, ownVersion, refuseNewerData } from "../../scripts/lib/version.mjs";
import { folderWith } from "./folder.ts";

const noted = (folder: string) => fs.readFileSync(path.join(folder, "version.json"), "utf8");

describe("the version that served a folder", () => {
  it.each([
    ["none", {}],
    ["an older one", { "version.json": '{"version":"0.0.9"}' }],
    ["one not written to its end", { "version.json": '{"ver' }],
  ])("becomes this one where there was %s", (_case, files) => {
    const folder = folderWith(files);
    refuseNewerData(folder);
    noteVersion(folder);
    expect(fs.readdirSync(folder)).toEqual(["version.json"]);
    expect(JSON.parse(noted(folder))).toEqual({ version: ownVersion() });
  });

  it("is refused if it is a newer one, and stays", () => {
    const folder = folderWith({ "version.json": '{"version":"99.0.0"}' });
    expect(() => refuseNewerData(folder)).toThrow("was written by UIM 99.0.0");
    expect(noted(folder)).toBe('{"version":"99.0.0"}');
  });
});

describe("compareVersions", () => {
  it.each([
    ["1.2.3", "1.2.3", 0],
    ["1.2.10", "1.2.9", 1],
    ["1.2.9", "1.10.0", -1],
    ["2.0.0", "1.99.99", 1],
    ["1.0.0-beta", "1.0.0", 0],
  ])("%s and %s", (left, right, sign) => {
    expect(Math.sign(compareVersions(left, right))).toBe(sign);
  });

  it("knows a version when it sees one", () => {
    expect(() => compareVersions("newest", "1.0.0")).toThrow('"newest" is not a version of UIM');
  });
});
