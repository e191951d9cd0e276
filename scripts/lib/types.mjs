// @ts-check
import fs from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { ROOT } from "./paths.mjs";
import { capture } from "./process.mjs";
import { ensureWebFolder } from "./web.mjs";

const SOURCE = path.join(ROOT, "wrangler.toml");
const TYPES = path.join(ROOT, "worker-configuration.d.ts");

/** Generates the type of `env` from wrangler.toml, unless that of its present state is there. */
export async function ensureTypes() {
  if (modified(TYPES) > modified(SOURCE)) return;
  ensureWebFolder();
  // Vars are strings to the code, not the literals that happen to stand in the file.
  const args = ["types", "--include-runtime=false", "--strict-vars=false"];
  const { code, output } = await capture("wrangler", args);
  if (code !== 0) throw new Failure(`wrangler types failed:\n\n${output.trim()}`);
}

/** @param {string} file */
function modified(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
