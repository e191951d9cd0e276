import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BLOCK_ENTRIES,
  blockId,
  blockOf,
  cutBlocks,
  filterOf,
  firstBlockId,
  termsOf,
} from "../../src/domain/search-index.ts";
import { parseSearch } from "../../src/domain/search-query.ts";

const anyBlock = fc
  .tuple(fc.integer({ min: 1, max: 2 ** 49 }), fc.nat(BLOCK_ENTRIES - 1))
  .map(([first_seq, more]) => ({ first_seq, last_seq: first_seq + more }));

describe("blocks", () => {
  it("are named by where they stand, and sort as the log does", () => {
    fc.assert(
      fc.property(anyBlock, anyBlock, (one, other) => {
        expect(blockOf(blockId(one))).toEqual(one);
        if (one.first_seq < other.first_seq) expect(blockId(one)).toBeLessThan(blockId(other));
        expect(blockId(one)).toBeGreaterThanOrEqual(firstBlockId(one.first_seq));
        expect(blockId(one)).toBeLessThan(firstBlockId(one.first_seq + 1));
      }),
    );
  });

  it("hold every entry once, in order, eight or fewer long ones; only the last may be incomplete", () => {
    const entries = fc
      .array(fc.oneof(fc.nat(100), fc.nat(5_000)), { maxLength: 60 })
      .map((lengths) => lengths.map((length, index) => ({ seq: index + 1, content: "x".repeat(length) })));
    fc.assert(
      fc.property(entries, (log) => {
        const blocks = cutBlocks(log);
        expect(blocks.flatMap((block) => block.entries)).toEqual(log);
        for (const [index, block] of blocks.entries()) {
          expect(block.entries.length).toBeGreaterThan(0);
          expect(block.entries.length).toBeLessThanOrEqual(BLOCK_ENTRIES);
          if (!block.isComplete) expect(index).toBe(blocks.length - 1);
          // What follows never changes a block that is complete.
          const [last] = block.entries.slice(-1);
          const again = cutBlocks(log.slice(0, last?.seq));
          expect(again[index]).toEqual(block);
        }
      }),
    );
  });
});

describe("terms", () => {
  it("are words, each once, and characters by two, the last of them alone", () => {
    expect(termsOf(["Hello, hello 世界!", "world 世"])).toBe("hello 世界 界 world 世");
  });

  it("of very long words are their beginnings", () => {
    const long = "a".repeat(100);
    expect(termsOf([long])).toBe("a".repeat(32));
    expect(filterOf(parseSearch(long))).toBe(`"${"a".repeat(32)}"`);
    expect(filterOf(parseSearch("a".repeat(31)))).toBe(`"${"a".repeat(31)}" *`);
    expect(termsOf([`${"a".repeat(31)}${"\u{10400}".repeat(9)}`])).toBe("a".repeat(31));
  });

  it("that are asked for are the longest, if there are many", () => {
    const words = Array.from({ length: 30 }, (_, index) => "w".repeat(index + 1));
    const filter = filterOf(parseSearch(`${words.join(" ")} `));
    expect(filter.split(" AND ")).toHaveLength(12);
    expect(filter).toContain(`"${"w".repeat(29)}"`);
    expect(filter).not.toContain('"w"');
  });

  it("of one character are beginnings, of more each two", () => {
    expect(filterOf(parseSearch("界"))).toBe('"界" *');
    expect(filterOf(parseSearch("世界人"))).toBe('"世界" AND "界人"');
    expect(filterOf(parseSearch("世 界"))).toBe('"世" * AND "界" *');
  });
});
