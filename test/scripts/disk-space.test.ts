import { describe, expect, it } from "vitest";
import { checkDiskSpace } from "../../scripts/lib/disk-space.mjs";
import { folderWith } from "./folder.ts";

const MIB = 1024 * 1024;

describe("checkDiskSpace", () => {
  it("refuses a disk that is all but full, warns of one that soon will be", () => {
    expect(() => checkDiskSpace("data", 15 * MIB)).toThrow(
      "has 15.0 MiB left. UIM starts with at least 16.0 MiB",
    );
    expect(checkDiskSpace("data", 17 * MIB)).toContain("has 17.0 MiB left. When it is full, no message");
    expect(checkDiskSpace("data", 1024 * MIB)).toBeNull();
  });

  it("asks the file system", () => {
    expect(() => checkDiskSpace(folderWith())).not.toThrow();
  });
});
