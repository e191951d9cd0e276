import fs from "node:fs";
import path from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { keepBuild, markBuildUsed } from "../../scripts/lib/build-cache.mjs";
import { folderWith } from "./folder.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

afterEach(() => void vi.useRealTimers());

it("a build that was not used for a day is deleted when another one is, unless a server serves from it", () => {
  vi.useFakeTimers();
  const builds = folderWith({ "served/index.html": "", "forgotten/index.html": "", "new/index.html": "" });
  const served = path.join(builds, "served");
  for (const name of ["served", "forgotten"]) markBuildUsed(path.join(builds, name));
  const end = keepBuild(served);
  vi.advanceTimersByTime(2 * DAY_MS);
  markBuildUsed(path.join(builds, "new"));
  expect(fs.readdirSync(builds).sort()).toEqual(["new", "served"]);
  end();
  vi.advanceTimersByTime(2 * DAY_MS);
  markBuildUsed(path.join(builds, "new"));
  expect(fs.readdirSync(builds)).toEqual(["new"]);
});
