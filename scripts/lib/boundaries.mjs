// @ts-check
import fs from "node:fs";
import path from "node:path";
import { findCycles } from "./cycles.mjs";
import { importsOf } from "./imports.mjs";

const MAX_LINES = 400;
const CODE = /\.(?:ts|tsx|mjs)$/;

/** Folders whose files may not grow past MAX_LINES. */
const MEASURED = ["src", "sdk", "web", "test", "scripts", "bench"];

/**
 * What an area of src/ may import from others. `types`: by `import type` only. `packages`: if named, no other package.
 * @typedef {{ area: string, from: string[], types?: string[], packages?: string[] }} Rule
 */

/**
 * The house (design: who may import whom). An area is a folder or a file of src/; of two that fit a file the longer
 * one counts.
 * @type {Rule[]}
 */
const RULES = [
  { area: "protocol", from: [], packages: ["zod"] },
  { area: "domain", from: ["protocol"], packages: ["uuid"] },
  { area: "config.ts", from: ["protocol", "domain"] },
  { area: "auth", from: ["protocol", "domain"] },
  { area: "db", from: ["protocol", "domain"] },
  { area: "observability", from: ["protocol"] },
  { area: "objects/runtime", from: ["domain", "protocol", "observability"] },
  { area: "objects/conversation", ...objectRule(["objects/user", "objects/limiter"]) },
  { area: "objects/user", ...objectRule(["objects/conversation", "objects/limiter"]) },
  { area: "objects/limiter", ...objectRule(["objects/conversation", "objects/user"]) },
  { area: "middleware", ...edgeRule(["routes"]) },
  { area: "routes", ...edgeRule(["middleware"]) },
  { area: "worker.ts", from: ["*"] },
];

/**
 * Folders beside src/, and which areas of it they may import; of two that fit a file the longer one counts. `packages`: if
 * named, no other package. `folders`: if named, no other folder beside src/.
 * @type {{ folder: string, from: string[], folders?: string[], packages?: string[] }[]}
 */
const NEIGHBOURS = [
  // What it needs is what its users install.
  { folder: "sdk", from: ["protocol"], folders: [], packages: ["zod"] },
  { folder: "web", from: ["protocol"], folders: ["sdk"] },
  { folder: "bench", from: ["protocol"] },
  // Its Workers stand where src/worker.ts stands.
  { folder: "bench/worker", from: ["*"] },
];

/** @param {string[]} others */
function objectRule(others) {
  return { from: ["domain", "protocol", "objects/runtime", "observability", "config.ts"], types: others };
}

/** @param {string[]} neighbours */
function edgeRule(neighbours) {
  const from = ["protocol", "domain", "auth", "db", "observability", "config.ts", ...neighbours];
  return { from, types: ["objects/conversation", "objects/user", "objects/limiter"] };
}

/**
 * Checks a repository. Returns what is wrong, a line each; nothing if all is well.
 * @param {string} root
 * @returns {string[]}
 */
export function checkBoundaries(root) {
  const src = path.join(root, "src");
  const files = codeFiles(src);
  /** @type {Map<string, string[]>} */
  const graph = new Map();
  const problems = [];
  for (const file of files) {
    const imports = importsOf(fs.readFileSync(path.join(src, file), "utf8"));
    graph.set(
      file,
      imports.flatMap(({ specifier }) => localTarget(file, specifier) ?? []),
    );
    for (const found of imports) {
      const problem = judge(file, found);
      if (problem) problems.push(`src/${file}:${found.line}  ${problem}`);
    }
  }
  for (const cycle of findCycles(graph)) problems.push(`import circle: ${cycle.join(" → ")}`);
  return [...problems, ...judgeNeighbours(root), ...tooLong(root)];
}

/**
 * What the folders beside src/ import of it and may not.
 * @param {string} root
 */
function judgeNeighbours(root) {
  const longestFirst = [...NEIGHBOURS].sort((a, b) => b.folder.length - a.folder.length);
  const top = new Set(NEIGHBOURS.map(({ folder }) => folder.split("/")[0] ?? folder));
  const files = [...top].flatMap((folder) =>
    codeFiles(path.join(root, folder)).map((file) => `${folder}/${file}`),
  );
  return files.flatMap((file) => {
    const rule = longestFirst.find(({ folder }) => file.startsWith(`${folder}/`));
    if (!rule || isExample(file)) return [];
    return importsOf(fs.readFileSync(path.join(root, file), "utf8")).flatMap(({ specifier, line }) => {
      const target = localTarget(file, specifier);
      const isForeign = target === null && rule.packages?.every((name) => !isOfPackage(specifier, name));
      if (isForeign) return [`${file}:${line}  ${rule.folder} may not import the package ${specifier}`];
      if (target === null) return [];
      if (!target.startsWith("src/"))
        return judgeFolder(rule, target).map((what) => `${file}:${line}  ${what}`);
      const area = ruleFor(target.slice("src/".length))?.area ?? target;
      if (rule.from.includes(area) || rule.from.includes("*")) return [];
      return [`${file}:${line}  ${rule.folder} may not import ${area} of src`];
    });
  });
}

/**
 * @param {{ folder: string, folders?: string[] }} rule
 * @param {string} target
 * @returns {string[]}
 */
function judgeFolder({ folder, folders }, target) {
  if (!folders || [folder, ...folders].some((known) => target.startsWith(`${known}/`))) return [];
  return [`${folder} may not import ${target}`];
}

/**
 * An example imports what its reader would: the package itself.
 * @param {string} file
 */
function isExample(file) {
  return file.includes("/examples/");
}

/**
 * @param {string} file
 * @param {import("./imports.mjs").Import} found
 * @returns {string | null}
 */
function judge(file, { specifier, typeOnly }) {
  const rule = ruleFor(file);
  if (!rule) return "belongs to no area; add it to RULES in scripts/lib/boundaries.mjs";
  const target = localTarget(file, specifier);
  if (target === null) {
    const allowed = !rule.packages || rule.packages.some((name) => isOfPackage(specifier, name));
    return allowed ? null : `${rule.area} may not import the package ${specifier}`;
  }
  if (target.startsWith("..")) return `${specifier} lies outside src`;
  const area = ruleFor(target)?.area ?? target;
  if (area === rule.area || rule.from.includes(area) || rule.from.includes("*")) return null;
  if (!rule.types?.includes(area)) return `${rule.area} may not import ${area}`;
  return typeOnly ? null : `${rule.area} may import ${area} only as a type (import type)`;
}

/**
 * The file of src/ that an import means; null for a package.
 * @param {string} file
 * @param {string} specifier
 */
function localTarget(file, specifier) {
  if (!specifier.startsWith(".")) return null;
  return path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
}

/** @param {string} file */
function ruleFor(file) {
  const fitting = RULES.filter(({ area }) => file === area || file.startsWith(`${area}/`));
  return fitting.sort((a, b) => b.area.length - a.area.length)[0];
}

/**
 * @param {string} specifier
 * @param {string} name
 */
function isOfPackage(specifier, name) {
  return specifier === name || specifier.startsWith(`${name}/`);
}

/** @param {string} root */
function tooLong(root) {
  return MEASURED.flatMap((folder) =>
    codeFiles(path.join(root, folder)).flatMap((file) => {
      const lines = fs
        .readFileSync(path.join(root, folder, file), "utf8")
        .trimEnd()
        .split("\n").length;
      return lines > MAX_LINES
        ? [`${folder}/${file}  ${lines} lines, at most ${MAX_LINES}; split by decision`]
        : [];
    }),
  );
}

/** @param {string} folder */
function codeFiles(folder) {
  if (!fs.existsSync(folder)) return [];
  const entries = fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
  return entries
    .map((entry) => entry.split(path.sep).join("/"))
    .filter((entry) => CODE.test(entry) && !entry.startsWith("dist/"))
    .sort();
}
