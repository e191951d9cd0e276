/** A piece of JSON text as it stands: what no JavaScript value would be written as. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An object as its members in order, so that a name can stand twice, or be `__proto__`. */
export class Members {
  readonly list: readonly (readonly [string, Tree])[];

  constructor(list: readonly (readonly [string, Tree])[]) {
    this.list = list;
  }
}

/** JSON before it is written down: everything JSON.stringify can write, and what only a hostile client would. */
export type Tree = Raw | Members | readonly Tree[] | string | number | boolean | null;

export function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}

/** What JSON.stringify would leave out is left out. */
export function treeOf(value: unknown): Tree {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(treeOf);
  if (typeof value === "object") {
    const present = Object.entries(value).filter(([, member]) => member !== undefined);
    return new Members(present.map(([name, member]): [string, Tree] => [name, treeOf(member)]));
  }
  return null;
}

export function writeJson(tree: Tree): string {
  if (tree instanceof Raw) return tree.text;
  if (tree instanceof Members) {
    return `{${tree.list.map(([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`).join(",")}}`;
  }
  return isList(tree) ? `[${tree.map(writeJson).join(",")}]` : JSON.stringify(tree);
}
