import fc from "fast-check";
import { isList, Members, Raw, type Tree } from "./json-tree.ts";

const nested = (depth: number) => new Raw("[".repeat(depth) + "]".repeat(depth));
const nestedObjects = (depth: number) => new Raw(`${'{"a":'.repeat(depth)}null${"}".repeat(depth)}`);

/** Values that have broken parsers, validators, databases or logs elsewhere. */
const HOSTILE: readonly Tree[] = [
  ...[null, true, false, "", " ", "0", "null", "true", "NaN", "Infinity", "undefined", "[object Object]"],
  ...[0, -1, 0.5, 1, 2 ** 31, 2 ** 53, -(2 ** 53), Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, 5e-324],
  ...["-0", "1e999", "-1e999", "1e-999", "12345678901234567890", "1".repeat(400)].map(
    (text) => new Raw(text),
  ),
  ...["\0", "a\0b", "\ud800", "\udc00a", "\u202e", "\ufeff", "\u2028", "e\u0301", "\ud83d\ude00"],
  ...[
    "' OR 1=1 --",
    '"; DROP TABLE entries; --',
    "%",
    "_",
    "../../etc/passwd",
    "\r\nX-Injected: 1",
    "#{7*7}",
  ],
  ...["__proto__", "constructor", "toString", "hasOwnProperty"],
  ...["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-7fff-bfff-ffffffffffff"],
  ...["x".repeat(65), "x".repeat(1_000), "😀".repeat(50_001), "x".repeat(100_001), "x".repeat(600_000)],
  ...[[], [null], [[]], new Members([]), new Members([["", ""]])],
  ...[nested(5), nested(1_000), nested(100_000), nestedObjects(5), nestedObjects(20_000)],
  Array<Tree>(1_000).fill(0),
  new Members(Array.from({ length: 1_000 }, (_, index) => [`key${index}`, index])),
  new Members([["__proto__", new Members([["isAdmin", true]])]]),
  new Members([["toJSON", 1]]),
];

const hostile: fc.Arbitrary<Tree> = fc.oneof(
  { arbitrary: fc.constantFrom(...HOSTILE), weight: 3 },
  { arbitrary: fc.constantFrom<Tree>(null, true, 0, "", [], new Members([])), weight: 3 },
  { arbitrary: fc.string({ unit: "binary", maxLength: 40 }), weight: 1 },
  { arbitrary: fc.double(), weight: 1 },
);

const hostileName = fc.constantFrom(
  ...["__proto__", "constructor", "prototype", "toString", "", "type", "id", "sender_id", "user_id", "seq"],
  ...["\0", "\ud800", "x".repeat(1_000)],
);

type Change = (before: Tree, given: { readonly value: Tree; readonly name: string }) => Tree;

const change: Readonly<Record<string, Change>> = {
  replace: (_, { value }) => value,
  wrapInList: (before) => [before],
  wrapInObject: (before, { name }) => new Members([[name, before]]),
  swapType: (before) => (typeof before === "string" ? new Raw(numberIn(before)) : textOf(before)),
  addMember: (before, { name, value }) =>
    before instanceof Members ? new Members([...before.list, [name, value]]) : [before, value],
  doubleMembers: (before, { value }) =>
    before instanceof Members
      ? new Members([...before.list, ...before.list.map(([name]): [string, Tree] => [name, value])])
      : before,
  dropMembers: (before) => (before instanceof Members ? new Members(before.list.slice(1)) : before),
  asList: (before) => (before instanceof Members ? before.list.map(([, member]) => member) : before),
  spoilText: (before, { value }) =>
    typeof before === "string" && typeof value === "string" ? before + value : before,
  lengthen: (before) => (typeof before === "string" ? before.repeat(50) : before),
};

function numberIn(text: string): string {
  return /^-?\d{1,15}$/.test(text) ? String(Number(text)) : "7";
}

function textOf(tree: Tree): string {
  return typeof tree === "object" ? "[object Object]" : String(tree);
}

/** One thing done to a tree: what, and to which of its nodes. */
export interface Mutation {
  readonly kind: string;
  readonly at: number;
  readonly value: Tree;
  readonly name: string;
}

/** None for about every fourth case: then the request is a valid one. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...Object.keys(change)),
    at: fc.nat(200),
    value: hostile,
    name: hostileName,
  }),
  { maxLength: 3 },
);

/** The tree with the mutations done to it, one after the other. */
export function mutate(tree: Tree, changes: readonly Mutation[]): Tree {
  return changes.reduce((before, { kind, at, ...given }) => {
    const apply = change[kind];
    return apply ? changeAt(before, at % countNodes(before), (node) => apply(node, given)) : before;
  }, tree);
}

function childrenOf(tree: Tree): readonly Tree[] {
  if (tree instanceof Members) return tree.list.map(([, member]) => member);
  return isList(tree) ? tree : [];
}

function countNodes(tree: Tree): number {
  return childrenOf(tree).reduce((sum: number, child) => sum + countNodes(child), 1);
}

/** Nodes are numbered as they are written: a parent before its children. */
function changeAt(tree: Tree, at: number, apply: (node: Tree) => Tree): Tree {
  if (at === 0) return apply(tree);
  let first = 1;
  const inChild = (child: Tree): Tree => {
    const start = first;
    first += countNodes(child);
    return at >= start && at < first ? changeAt(child, at - start, apply) : child;
  };
  if (!(tree instanceof Members)) return childrenOf(tree).map(inChild);
  return new Members(tree.list.map(([name, member]): [string, Tree] => [name, inChild(member)]));
}

/** What is done to the written text: none in most cases, since a text that is no JSON gets no further than the parser. */
export const spoiled: fc.Arbitrary<(text: string) => string> = fc.oneof(
  { arbitrary: fc.constant((text: string) => text), weight: 20 },
  { arbitrary: fc.nat().map((at) => (text: string) => text.slice(0, at % (text.length + 1))), weight: 1 },
  {
    arbitrary: fc
      .tuple(fc.nat(), fc.constantFrom("\0", "\ufeff", ",", '"', "}", "]", "\\", "\\ud800", "NaN", "//"))
      .map(([at, piece]) => (text: string) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + piece + text.slice(place);
      }),
    weight: 1,
  },
);
