import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filterOf, termsOf } from "../../src/domain/search-index.ts";
import { findHighlights, type Highlight, MAX_HIGHLIGHTS } from "../../src/domain/search-match.ts";
import { parseSearch, type SearchQuery } from "../../src/domain/search-query.ts";
import { lettersOf, unitsOf } from "../../src/domain/search-text.ts";
import { cutsCodePoint, textAndQuery } from "./search-samples.ts";

/** What is highlighted of `content`; null if it is not found. */
function found(content: string, q: string): string[] | null {
  const highlights = findHighlights(content, parseSearch(q));
  if (highlights === null) return null;
  return highlights.map(({ start, length }) => content.slice(start, start + length));
}

describe("a text", () => {
  it.each([
    ["Hello, world", "WORLD hello", ["Hello", "world"]],
    ["Hello, worldwide", "world", ["world"]],
    ["Hello, worldwide", '"world"', null],
    ["Hello, worldwide", "world hello", null],
    ["Hello, world. Hello, moon", '"hello moon"', ["Hello", "moon"]],
    ["hello big world", '"hello world"', null],
    ["café CAFÉ cafe", "cafe\u0301", ["café", "CAFÉ", "cafe"]],
    ["cafe\u0301s", "cafe", ["cafe\u0301"]],
    ["Die Straße", "strass", ["Straß"]],
    ["ﬁsh", "f", ["ﬁ"]],
    ["snake_case, e-mail", "case mail", ["case", "mail"]],
  ])("is found by its words: %s | %s", (content, q, highlighted) => {
    expect(found(content, q)).toEqual(highlighted);
  });

  it.each([
    ["我们在北京大学见面", "北京", ["北京"]],
    ["我们在北京大学见面", "京大", ["京大"]],
    ["我们在北京大学见面", "面", ["面"]],
    ["北，京", "北京", null],
    ["今天天天好", "天天", ["天天"]],
    ["한국어를 배워요", "국어", ["국어"]],
    ["東京タワーへ行く", "タワー", ["タワー"]],
    ["カ\u3099ラス", "ガラ", ["カ\u3099ラ"]],
    ["สวัสดีครับ", "สวัส", ["สวัส"]],
    ["𠮷野家𠮷", "𠮷", ["𠮷", "𠮷"]],
    ["我的iPhone手机坏了", "iphone 手机", ["iPhone", "手机"]],
    ["我的iPhone手机坏了", "phone", null],
    ["我的iPhone手机坏了", '"iphone手机"', ["iPhone", "手机"]],
  ])(
    "is found by two characters, or one, where a script has no spaces: %s | %s",
    (content, q, highlighted) => {
      expect(found(content, q)).toEqual(highlighted);
    },
  );

  it("is not found by nothing", () => {
    expect(findHighlights("anything", [])).toBeNull();
  });

  it("has its first places highlighted, if it has very many", () => {
    expect(findHighlights("a b ".repeat(5_000), parseSearch("a b"))).toHaveLength(MAX_HIGHLIGHTS);
  });

  it("is highlighted in ranges apart from each other, each of which is what was sought", () => {
    fc.assert(
      fc.property(textAndQuery, ([content, q]) => {
        const query = parseSearch(q);
        let end = 0;
        for (const range of findHighlights(content, query) ?? []) {
          expect(range.start).toBeGreaterThanOrEqual(end);
          end = range.start + range.length;
          expect(end).toBeLessThanOrEqual(content.length);
          expect(cutsCodePoint(content, range.start) || cutsCodePoint(content, end)).toBe(false);
          expect(isSought(content, range, query)).toBe(true);
        }
      }),
    );
  });

  it("has what the index is asked for, if it is found", () => {
    fc.assert(
      fc.property(textAndQuery, ([content, q]) => {
        const query = parseSearch(q);
        if (!findHighlights(content, query)) return;
        const terms = termsOf([content]).split(" ");
        for (const [, sought = "", prefix] of filterOf(query).matchAll(/"([^"]+)"( \*)?/g)) {
          const has = (term: string) => (prefix ? term.startsWith(sought) : term === sought);
          expect(terms.some(has), `${sought}${prefix ?? ""} in ${terms.join(" ")}`).toBe(true);
        }
      }),
    );
  });

  it("is found by each of its words, and by what any of them begins with", () => {
    fc.assert(
      fc.property(textAndQuery, fc.nat(), fc.nat(), ([content], which, length) => {
        const units = unitsOf(content);
        const unit = units[which % (units.length || 1)];
        // What a letter stands for besides others cannot be typed alone.
        if (
          !unit ||
          unitsOf(unit.text)
            .map(({ text }) => text)
            .join("") !== unit.text
        )
          return;
        expect(findHighlights(content, parseSearch(`"${unit.text}"`))).not.toBeNull();
        const beginning = [...unit.text].slice(0, 1 + (length % 40)).join("");
        if (unit.kind === "word") expect(findHighlights(content, parseSearch(beginning))).not.toBeNull();
      }),
    );
  });
});

/** Is a range, folded, a word or a stretch of characters of the query, or does it end with the letter that completes one? */
function isSought(content: string, { start, length }: Highlight, query: SearchQuery): boolean {
  const letters = [...lettersOf(content.slice(start, start + length))].map(({ folded }) => folded);
  const folded = letters.join("");
  const isOfOneLetterEach = letters.every((letter) => [...letter].length === 1);
  return query.some((phrase) => {
    const stretches: string[] = [];
    for (const { text, kind, isGlued, isPrefix } of phrase) {
      if (kind === "character") stretches.push((isGlued ? (stretches.pop() ?? "") : "") + text);
      else if (isPrefix && folded.startsWith(text) && letters.slice(0, -1).join("").length < text.length)
        return true;
      else stretches.push(text);
    }
    return stretches.some((sought) => folded === sought || (!isOfOneLetterEach && folded.includes(sought)));
  });
}
