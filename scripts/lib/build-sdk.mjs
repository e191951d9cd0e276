// @ts-check
import fs from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { ROOT } from "./paths.mjs";
import { capture } from "./process.mjs";

export const SDK = path.join(ROOT, "sdk");

/** Compiles the SDK, and the protocol that it stands on, to sdk/dist: modules and their types, nothing bundled. */
export async function buildSdk() {
  const dist = path.join(SDK, "dist");
  fs.rmSync(dist, { recursive: true, force: true });
  const { code, output } = await capture("tsc", ["-p", path.join(SDK, "tsconfig.build.json")]);
  if (code !== 0) throw new Failure(`The SDK does not build:\n\n${output.trim()}`);
  const files = fs.readdirSync(dist, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith(".d.ts"))) nameModules(path.join(dist, file));
}

/**
 * The compiler (7.0.2) names the modules of a declaration by their sources, which are not there for whoever uses it.
 * @param {string} file
 */
function nameModules(file) {
  const text = fs.readFileSync(file, "utf8");
  fs.writeFileSync(file, text.replace(/((?:from|import\()\s*"\.[^"]*)\.ts"/g, '$1.js"'));
}
