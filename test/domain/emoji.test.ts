import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emojiOf } from "../../src/domain/emoji.ts";

describe("an emoji", () => {
  it.each(["👍", "👍🏽", "👨‍👩‍👧‍👦", "🏴‍☠️", "🇩🇪", "1️⃣", "❤️", "🏳️‍🌈"])("is %s as people see it", (emoji) =>
    expect(emojiOf(emoji)).toBe(emoji),
  );

  it("has one form, whether its colour was asked for or not", () => {
    expect(emojiOf("\u2764")).toBe("\u2764\uFE0F");
    expect(emojiOf("\u2764\uFE0F")).toBe("\u2764\uFE0F");
  });

  it.each(["", "a", "1", "#", "👍👍", "👍 ", "\uFE0F", "🇩", "\u200D", "❤️❤️", "👍\u0000"])(
    "is not %j",
    (text) => expect(emojiOf(text)).toBeNull(),
  );

  it("is what it is once it is kept, and nothing long", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 12 }), (text) => {
        const emoji = emojiOf(text);
        if (emoji === null) return;
        expect(emojiOf(emoji)).toBe(emoji);
        expect([...emoji].length).toBeLessThan(12);
      }),
    );
  });
});
