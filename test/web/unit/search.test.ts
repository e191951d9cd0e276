import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SearchHit } from "../../../sdk/index.ts";
import { recentSenders } from "../../../web/src/conversation/mention-query.ts";
import { reachedBy } from "../../../web/src/conversation/receipts.ts";
import { snippetOf } from "../../../web/src/search/snippet.ts";
import { shownMessage } from "./shown-message.ts";

function hit(content: string, ...highlights: SearchHit["highlights"]): SearchHit {
  const { message_id, seq, ...message } = shownMessage(1, "ada", 0, { content });
  return { message: { ...message, message_id: message_id ?? "", seq: seq ?? 0 }, highlights };
}

const marked = (found: SearchHit) =>
  snippetOf(found)
    .map(({ text, isFound }) => (isFound ? `[${text}]` : text))
    .join("");

describe("a snippet", () => {
  it("marks what was found, in one line", () => {
    expect(marked(hit("Tea\n at four, tea", { start: 0, length: 3 }, { start: 14, length: 3 }))).toBe(
      "[Tea] at four, [tea]",
    );
    expect(marked(hit("nothing"))).toBe("nothing");
  });

  it("begins with a whole word a little before the first find, and ends in time", () => {
    const content = `${"word ".repeat(100)}needle${" word".repeat(100)}`;
    const shown = marked(hit(content, { start: 500, length: 6 }));
    expect(shown).toMatch(/^… word word .*\[needle\] word .* …$/);
    expect(shown.length).toBeLessThan(260);
    expect(marked(hit(`${"字".repeat(99)}针`, { start: 99, length: 1 }))).toMatch(/^… 字+\[针\]$/);
  });

  it("shows of any text what was found, whatever it is", () => {
    const anyHit = fc
      .tuple(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 400 }),
        fc.nat(),
        fc.integer({ min: 1, max: 20 }),
      )
      .map(([content, at, length]) => hit(content, { start: at % content.length, length }));
    fc.assert(
      fc.property(anyHit, (found) => {
        const [first] = found.highlights;
        const parts = snippetOf(found);
        const { content } = found.message;
        const end = (first?.start ?? 0) + (first?.length ?? 0);
        const text = content.slice(first?.start, end).toWellFormed().replace(/\s+/gu, " ");
        expect(parts.find(({ isFound }) => isFound)?.text).toBe(text);
        for (const part of parts) expect(part.text.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe("receipts", () => {
  it("list each other member once, the last first, and count those whom nothing is known of", () => {
    const at = (user_id: string, time: number) => ({ user_id, at: time });
    const receipts = {
      sent_at: 0,
      read: [at("bob", 5), at("me", 9), at("cyd", 7)],
      delivered: [at("bob", 4), at("cyd", 4), at("dan", 3), at("me", 1)],
    };
    const { read, delivered, missing } = reachedBy(receipts, "me", 6);
    expect(read.map(({ user_id }) => user_id)).toEqual(["cyd", "bob"]);
    expect(delivered.map(({ user_id }) => user_id)).toEqual(["dan"]);
    expect(missing).toBe(2);
  });
});

it("those who spoke last come first, oneself not", () => {
  const said = ["ada", "bob", "me", "ada", "cyd"].map((sender_id, index) =>
    shownMessage(index + 1, sender_id, 0),
  );
  expect(recentSenders(said, 2)).toEqual(["cyd", "ada"]);
  expect(recentSenders(said, 9)).toEqual(["cyd", "ada", "bob"]);
});
