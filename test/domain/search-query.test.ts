import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filterOf } from "../../src/domain/search-index.ts";
import { type Phrase, parseSearch } from "../../src/domain/search-query.ts";
import { anyText } from "./search-samples.ts";

/** "a b" for a phrase, with "*" after what may go on. */
function shown(q: string): string[] {
  const show = (phrase: Phrase) =>
    phrase.map(({ text, isPrefix }) => `${text}${isPrefix ? "*" : ""}`).join(" ");
  return parseSearch(q).map(show);
}

describe("a search query", () => {
  it.each([
    ["hello world", ["hello", "world*"]],
    ["hel* world", ["hel*", "world*"]],
    ['"hello world"', ["hello world"]],
    ['"hello wor*"', ["hello wor*"]],
    ['"hello wor', ["hello wor*"]],
    ["“Hello World” again", ["hello world", "again*"]],
    ['a "b c" d', ["a", "b c", "d*"]],
    ['say "hello"', ["say", "hello"]],
    ["don't", ["don t*"]],
    ["ada@example.org now", ["ada example org", "now*"]],
    ["世界", ["世 界"]],
    ["iPhone手机 x", ["iphone 手 机", "x*"]],
    ["hello !", ["hello*"]],
  ])("holds words and phrases, the last of which may go on: %s", (q, phrases) => {
    expect(shown(q)).toEqual(phrases);
  });

  it.each([
    ["a AND b OR c NOT d", ["a", "and", "b", "or", "c", "not", "d*"]],
    ["NEAR(a b, 2)", ["near a", "b", "2*"]],
    ["terms: ^first -second +third", ["terms", "first", "second", "third*"]],
    ["{a b} : c", ["a", "b", "c*"]],
    ["x\u0000y", ["x y*"]],
    ['""" "" "', []],
    ["*", []],
    ["()^-:+*\"'!?…", []],
    ["😀 👩‍👩‍👧", []],
    ["   ", []],
    ["", []],
  ])("[SRCH-3] has no operators: %j", (q, phrases) => {
    expect(shown(q)).toEqual(phrases);
  });

  it("asks the index for nothing but terms in quotation marks, whatever was typed", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: "binary", minLength: 150, maxLength: 400 })), (q) => {
        const query = parseSearch(q);
        const filter = filterOf(query);
        expect(filter === "").toBe(query.length === 0);
        const term = '"[\\p{L}\\p{N}\\p{M}]+"(?: \\*)?';
        expect(filter).toMatch(new RegExp(`^(?:${term}(?: AND ${term}){0,11})?$`, "v"));
      }),
    );
  });

  it("takes time that grows with its length only", () => {
    for (const piece of ['"', "a ", '"a', "a*", "字", "e\u0301", "\u0301", "😀"]) {
      expect(parseSearch(piece.repeat(50_000)).length).toBeLessThanOrEqual(50_000);
    }
  });
});
