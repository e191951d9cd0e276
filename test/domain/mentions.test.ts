import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mentionsIn } from "../../src/domain/mentions.ts";

const MEMBERS = new Map([
  ["ada", "1"],
  ["bob_2", "2"],
  ["cem", "3"],
]);
const named = (text: string) => mentionsIn(text, () => MEMBERS);

describe("mentions", () => {
  it.each([
    ["@ada", ["1"]],
    ["hello @ADA, and @bob_2!", ["1", "2"]],
    ["(@ada)", ["1"]],
    ["@ada @Ada @aDA", ["1"]],
    ["@cem\n@ada", ["3", "1"]],
    ["é@ada", ["1"]],
  ])("names %j", (text, user_ids) => expect(named(text)).toEqual(user_ids));

  it.each(["ada", "mail@ada", "@@ada", "x.@ada", "-@ada", "@adas", "@ada_", "@ad", "@", "@nobody", "@ ada"])(
    "finds nobody in %j",
    (text) => expect(named(text)).toEqual([]),
  );

  it("does not ask who the members are where nobody is named", () => {
    const ask = () => {
      throw new Error("asked");
    };
    expect(mentionsIn("no names", ask)).toEqual([]);
  });

  it("names each once, members only, whatever the text, and in no time", () => {
    const text = fc.string({
      unit: fc.constantFrom("@", "ada", "bob_2", " ", "x", "_", ".", "é"),
      maxLength: 300,
    });
    fc.assert(
      fc.property(text, (content) => {
        const user_ids = named(content);
        expect(new Set(user_ids).size).toBe(user_ids.length);
        for (const user_id of user_ids) expect([...MEMBERS.values()]).toContain(user_id);
      }),
    );
    expect(named("@".repeat(100_000))).toEqual([]);
    expect(named("@a".repeat(50_000))).toEqual([]);
  });
});
