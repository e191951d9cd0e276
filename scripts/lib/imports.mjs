// @ts-check

/**
 * One import or re-export of a file. `typeOnly`: written `import type` or `export type`, so that nothing of it is left
 * at run time.
 * @typedef {{ specifier: string, typeOnly: boolean, line: number }} Import
 */

const STATIC = /^[ \t]*(?:import|export)\s+(type\s+)?(?:[\w*\s{},$]+?\bfrom\s*)?["']([^"']+)["']/gm;
const DYNAMIC = /\bimport\(\s*["']([^"']+)["']\s*\)/g;

/**
 * The imports of a TypeScript source. A reader of text, not a parser: it relies on the formatter's layout.
 * @param {string} source
 * @returns {Import[]}
 */
export function importsOf(source) {
  const code = withoutComments(source);
  const found = [
    ...[...code.matchAll(STATIC)].map((match) => ({
      specifier: match[2] ?? "",
      typeOnly: match[1] !== undefined,
      index: match.index,
    })),
    ...[...code.matchAll(DYNAMIC)].map((match) => ({
      specifier: match[1] ?? "",
      typeOnly: false,
      index: match.index,
    })),
  ];
  return found.map(({ specifier, typeOnly, index }) => ({
    specifier,
    typeOnly,
    line: code.slice(0, index).split("\n").length,
  }));
}

/**
 * Blanks comments, keeping the lines where they are. Only those that begin a line: `//` further in may be in a string.
 * @param {string} source
 */
function withoutComments(source) {
  return source
    .replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, " "))
    .replace(/^[ \t]*\/\/.*$/gm, "");
}
