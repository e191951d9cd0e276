import { describe, expect, it } from "vitest";
import { emojiOf as emojiOnServer } from "../../../src/domain/emoji.ts";
import { emojiRows } from "../../../web/emoji-modules.ts";
import { EMOJI_GROUPS, emojiOf, findEmoji, pickEmoji, withTone } from "../../../web/src/emoji/emoji.ts";
import { emojiAt, firstPlace, gridLines, stepFrom } from "../../../web/src/emoji/grid.ts";
import { QUICK_EMOJI } from "../../../web/src/emoji/quick-emoji.ts";

const all = emojiOf(emojiRows("en"));
const found = (query: string) => findEmoji(all, query).map(({ emoji }) => emoji);

describe("emoji", () => {
  it.each(["en", "zh"])("are all such as the server keeps, each once, in every group (%s)", (language) => {
    const offered = emojiOf(emojiRows(language));
    const forms = offered.flatMap(({ emoji, tones }) => [emoji, ...tones]);
    expect(forms.filter((emoji) => emojiOnServer(emoji) !== emoji)).toEqual([]);
    expect(new Set(offered.map(({ emoji }) => emoji)).size).toBe(offered.length);
    expect(new Set(offered.map(({ group }) => group))).toEqual(new Set(EMOJI_GROUPS));
    expect(offered.map(({ emoji }) => emoji)).toEqual(expect.arrayContaining([...QUICK_EMOJI]));
    expect(offered.length).toBeGreaterThan(1_800);
  });

  it("are found by the beginnings of their names and of other words, in any order", () => {
    expect(found("thumbs up")[0]).toBe("👍");
    expect(found("up thum")).toContain("👍");
    expect(found("PIZZA")[0]).toBe("🍕");
    expect(found("👀")).toEqual(["👀"]);
    expect(found("umbs")).toEqual([]);
    expect(found("cat face")[0]).toBe("🐱");
    const chinese = emojiOf(emojiRows("zh"));
    expect(findEmoji(chinese, "火箭").map(({ emoji }) => emoji)).toContain("🚀");
  });
});

describe("tones of skin", () => {
  it("are shown where there is skin, and by what was chosen before as it was", () => {
    const dark = withTone(all, 5);
    expect(findEmoji(dark, "thumbs up")[0]?.emoji).toBe("👍🏿");
    expect(findEmoji(dark, "rocket")[0]?.emoji).toBe("🚀");
    expect(withTone(all, 0)).toBe(all);
    expect(pickEmoji(all, ["👍🏽", "🚀", "none"]).map(({ emoji }) => emoji)).toEqual(["👍🏽", "🚀"]);
    expect(all.filter(({ tones }) => tones.length > 0).length).toBeGreaterThan(250);
  });
});

describe("a grid of emoji", () => {
  const some = all.slice(0, 5);
  const lines = gridLines(
    [
      { title: "a", emoji: some },
      { title: "nothing", emoji: [] },
      { title: "b", emoji: some.slice(0, 1) },
    ],
    3,
  );
  const walk = (...keys: string[]) => keys.reduce((at, key) => stepFrom(lines, at, key), firstPlace(lines));

  it("has a heading above each group, and rows of so many", () => {
    expect(lines.map((line) => (line.kind === "row" ? line.emoji.length : line.title))).toEqual([
      "a",
      3,
      2,
      "b",
      1,
    ]);
  });

  it("is gone through by the arrow keys, over headings and to the last of a shorter row", () => {
    expect(walk()).toEqual({ line: 1, column: 0 });
    expect(walk("ArrowRight", "ArrowRight", "ArrowRight")).toEqual({ line: 2, column: 0 });
    expect(walk("ArrowRight", "ArrowRight", "ArrowDown")).toEqual({ line: 2, column: 1 });
    expect(walk("ArrowDown", "ArrowDown")).toEqual({ line: 4, column: 0 });
    expect(walk("ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown")).toEqual({ line: 4, column: 0 });
    expect(walk("ArrowDown", "ArrowLeft")).toEqual({ line: 1, column: 2 });
    expect(walk("ArrowUp", "ArrowLeft", "x")).toEqual({ line: 1, column: 0 });
    expect(emojiAt(lines, walk("ArrowDown"))).toBe(some[3]);
    expect(emojiAt(lines, { line: 0, column: 0 })).toBeUndefined();
    expect(emojiAt([], firstPlace([]))).toBeUndefined();
  });
});
