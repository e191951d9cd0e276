import { describe, expect, it } from "vitest";
import { checkRules } from "../../scripts/lib/rules.mjs";
import { folderWith } from "./folder.ts";

// Built here so that this file names no rule itself.
const named = (...rules: string[]) => rules.map((rule) => `[${rule}]`).join(" ");
const PAGE =
  "## 3. Frames\n- NOT-1 no rule\n## 4. Rules\n- SEQ-1 first\n- SEQ-2 second\n- CONV-3 later\n## 5. Duties\n";

function problemsOf(test: string, page = PAGE): string[] {
  return checkRules(folderWith({ "docs/protocol.md": page, "test/domain/a.test.ts": test }), ["CONV-3"]);
}

describe("checkRules", () => {
  it("is content when each rule that is built has a test", () => {
    expect(problemsOf(`it("${named("SEQ-1", "SEQ-2")} does", () => {});`)).toEqual([]);
  });

  it("finds a title among the rows of a table", () => {
    expect(
      problemsOf(`it.each([["a", 1]])("${named("SEQ-1")} with %s", f);\nit(\n  '${named("SEQ-2")}', f);`),
    ).toEqual([]);
  });

  it("misses a rule that only a comment or a skipped test names", () => {
    const source = `// it("${named("SEQ-1")}")\nit.skip("${named("SEQ-2")}", f);`;
    expect(problemsOf(source)).toEqual(["SEQ-1 has no test", "SEQ-2 has no test"]);
  });

  it("wants a rule off the list of later ones once it has a test, and no test of a rule that is none", () => {
    expect(problemsOf(`it("${named("SEQ-1", "SEQ-2", "CONV-3", "SEQ-9")}", f);`)).toEqual([
      expect.stringContaining("CONV-3 has a test now"),
      "SEQ-9 is tested, but is no rule",
    ]);
  });

  it("fails without the page or without rules in it", () => {
    expect(checkRules(folderWith({ "test/a.test.ts": "" }))).toEqual([expect.stringContaining("is missing")]);
    expect(problemsOf("", "## 4. Rules\nnone\n")).toEqual([expect.stringContaining("has no rules")]);
  });
});
