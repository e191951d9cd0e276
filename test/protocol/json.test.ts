import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { METADATA_MAX_CHARS, METADATA_MAX_DEPTH, metadataSchema } from "../../src/protocol/json.ts";

function accepts(value: unknown): boolean {
  return metadataSchema.safeParse(value).success;
}

/** `{"a":{"a":…1}}` of so many levels. */
function nested(levels: number): unknown {
  return JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
}

/** Levels of objects and arrays around the deepest scalar. */
function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** All keys and strings in it. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...textsOf(item)]);
}

/** Metadata of which JSON.stringify makes exactly so many characters. */
function sized(chars: number): unknown {
  return { a: "x".repeat(chars - '{"a":""}'.length) };
}

describe("metadata", () => {
  it("is an object; anything else is not", () => {
    expect(accepts({})).toBe(true);
    for (const bad of [null, undefined, [], "a", 1, true, [{}]]) expect(accepts(bad)).toBe(false);
  });

  it("nests to the limit and not a level deeper, objects and arrays alike", () => {
    const anything = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 }), { maxKeys: 3 });
    fc.assert(
      fc.property(anything, (value) => {
        fc.pre(JSON.stringify(value).length <= METADATA_MAX_CHARS);
        const isClean = textsOf(value).every((text) => text.isWellFormed() && !text.includes("\0"));
        expect(accepts(value)).toBe(isClean && depthOf(value) <= METADATA_MAX_DEPTH);
      }),
      { numRuns: 500 },
    );
    expect(METADATA_MAX_DEPTH).toBe(4);
    expect(accepts(nested(4))).toBe(true);
    expect(accepts(nested(5))).toBe(false);
    expect(accepts({ a: [[[1]]] })).toBe(true);
    expect(accepts({ a: [[[[]]]] })).toBe(false);
  });

  it("refuses nesting that would exhaust the stack, without exhausting it", () => {
    expect(accepts(nested(100_000))).toBe(false);
    expect(accepts({ a: JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`) })).toBe(false);
  });

  it("is as long as the limit and not a character longer", () => {
    expect(METADATA_MAX_CHARS).toBe(8192);
    expect(accepts(sized(METADATA_MAX_CHARS))).toBe(true);
    expect(accepts(sized(METADATA_MAX_CHARS + 1))).toBe(false);
    expect(accepts({ a: "\n".repeat(METADATA_MAX_CHARS / 2) })).toBe(false);
  });

  it("has only numbers that JSON has", () => {
    expect(accepts({ a: -1.5e300 })).toBe(true);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, JSON.parse("1e400"), 1n, undefined, () => 1]) {
      expect(accepts({ a: bad })).toBe(false);
      expect(accepts({ a: [bad] })).toBe(false);
    }
  });

  it("has only clean text, in keys too", () => {
    for (const bad of ["\ud800", "a\udc00", "\0"]) {
      expect(accepts({ a: bad })).toBe(false);
      expect(accepts({ [bad]: 1 })).toBe(false);
      expect(accepts({ a: { [bad]: 1 } })).toBe(false);
    }
    expect(accepts({ "😀": "😀" })).toBe(true);
  });

  it("keeps a key named __proto__ as the plain key it is, and judges what is in it", () => {
    const text = '{"__proto__":{"admin":true},"constructor":{"prototype":1}}';
    const parsed = metadataSchema.parse(JSON.parse(text));
    expect(JSON.stringify(parsed)).toBe(text);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect({}).not.toHaveProperty("admin");
    expect(accepts(JSON.parse('{"__proto__":{"a":{"a":{"a":{}}}}}'))).toBe(false);
    expect(accepts(JSON.parse('{"__proto__":"\\ud800"}'))).toBe(false);
  });
});
