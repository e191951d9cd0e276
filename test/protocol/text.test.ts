import fc from "fast-check";
import { expect, it } from "vitest";
import { exceedsCodePoints, isCleanText, utf8ByteLength } from "../../src/protocol/text.ts";

const anyText = fc.string({
  unit: fc.constantFrom("a", "é", "界", "😀", "\ud83d", "\ude00", "\0", "e\u0301"),
});

it("measures UTF-8 as an encoder would, lone surrogates included", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(utf8ByteLength(text)).toBe(Buffer.byteLength(text));
    }),
  );
});

it("counts code points exactly", () => {
  fc.assert(
    fc.property(anyText, fc.nat(12), (text, max) => {
      expect(exceedsCodePoints(text, max)).toBe([...text].length > max);
    }),
  );
});

it("clean text is well-formed and has no NUL", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const roundTrips = Buffer.from(text, "utf8").toString("utf8") === text;
      expect(isCleanText(text)).toBe(roundTrips && !text.includes("\0"));
    }),
  );
});
