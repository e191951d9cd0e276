import { describe, expect, it } from "vitest";
import { lineSchema } from "../../src/protocol/text.ts";

const line = lineSchema(5);

describe("a line", () => {
  it("is trimmed, then neither empty nor too long", () => {
    expect(line.parse("  ab \n")).toBe("ab");
    expect(line.parse(" abcde ")).toBe("abcde");
    for (const bad of ["", "   ", "\t", "abcdef"]) expect(line.safeParse(bad).success).toBe(false);
  });

  it("counts code points, as people do", () => {
    expect(line.parse("😀😀😀😀😀")).toBe("😀😀😀😀😀");
    expect(line.safeParse("😀😀😀😀😀😀").success).toBe(false);
  });

  it("has no control characters and is clean", () => {
    expect(line.parse("a bé")).toBe("a bé");
    for (const bad of ["a\nb", "a\u001bb", "a\u007fb", "a\0b", "a\ud800b"]) {
      expect(line.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
    }
  });
});
