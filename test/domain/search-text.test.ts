import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lettersOf, unitsOf } from "../../src/domain/search-text.ts";
import { anyText, cutsCodePoint } from "./search-samples.ts";

/** "word", or "字" with a "+" before it where it is glued to what comes before. */
function shown(text: string): string[] {
  return unitsOf(text).map((unit) => (unit.isGlued ? `+${unit.text}` : unit.text));
}

describe("what is searched in a text", () => {
  it.each([
    ["Hello, World! It's 3.14", ["hello", "world", "it", "s", "3", "14"]],
    ["ŁÓDŹ Lodz Straße STRASSE", ["lodz", "lodz", "strasse", "strasse"]],
    ["café cafe\u0301 ＣＡＦＥ", ["cafe", "cafe", "cafe"]],
    ["Išík IŞIK ışık", ["isik", "isik", "isik"]],
    ["ΟΔΟΣ οδός", ["οδοσ", "οδοσ"]],
    ["Ёлка елка", ["елка", "елка"]],
    ["الْمُعَلِّم المعلم", ["المعلم", "المعلم"]],
    ["שָׁלוֹם שלום", ["שלום", "שלום"]],
    ["हिन्दी", ["हिन्दी"]],
    ["ﬁsh", ["fish"]],
    ["😀 … — 👩‍👩‍👧", []],
    ["", []],
  ])("are its words, folded: %s", (text, words) => {
    expect(shown(text)).toEqual(words);
  });

  it.each([
    ["你好，世界", ["你", "+好", "世", "+界"]],
    ["한국어를", ["한", "+국", "+어", "+를"]],
    ["\u1112\u1161\u11ab\u1100\u116e\u11a8", ["한", "+국"]],
    ["ガｶﾞカ\u3099", ["ガ", "+ガ", "+ガ"]],
    ["ดี", ["ด", "+ี"]],
    ["𠮷野家", ["𠮷", "+野", "+家"]],
    ["iPhone手机 第3章", ["iphone", "手", "+机", "第", "3", "章"]],
  ])("are its characters where a script has no spaces: %s", (text, characters) => {
    expect(shown(text)).toEqual(characters);
  });

  it("stands where it is said to, and is what is said, in any text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        let last_start = 0;
        for (const { text: folded, start, end } of unitsOf(text)) {
          expect(start).toBeGreaterThanOrEqual(last_start);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(cutsCodePoint(text, start) || cutsCodePoint(text, end)).toBe(false);
          expect(folded).toMatch(/^[\p{L}\p{N}\p{M}]+$/v);
          const again = [...lettersOf(text.slice(start, end))].map((found) => found.folded).join("");
          if (!again.includes(folded)) expect(text.slice(start, end)).toMatch(/^\p{M}+$/v);
          last_start = start;
        }
      }),
    );
  });

  it("is the same in upper case, in lower case, taken apart and put together", () => {
    const words = (text: string) =>
      unitsOf(text)
        .map((unit) => unit.text)
        .join(" ");
    fc.assert(
      fc.property(fc.array(fc.constantFrom(..."aéÀßŁøñюЙλΣ世界한が 1"), { maxLength: 30 }), (letters) => {
        const text = letters.join("");
        for (const other of [
          text.toUpperCase(),
          text.toLowerCase(),
          text.normalize("NFD"),
          text.normalize("NFC"),
        ])
          expect(words(other)).toBe(words(text));
      }),
    );
  });

  it("is folded already: folding it again changes nothing", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const folded = unitsOf(text).map((unit) => unit.text);
        for (const word of folded) {
          const again = unitsOf(word)
            .map((unit) => unit.text)
            .join("");
          if (/^[\p{L}\p{N}]/v.test(word)) expect(again).toBe(word);
        }
      }),
    );
  });
});
