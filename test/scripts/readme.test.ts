import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "smol-toml";
import { expect, it } from "vitest";

const root = path.join(import.meta.dirname, "../..");
const readme = readFileSync(path.join(root, "README.md"), "utf8");
const wrangler = readFileSync(path.join(root, "wrangler.toml"), "utf8");

it("the README names every variable of wrangler.toml", () => {
  const { vars } = parse(wrangler);
  const missing = Object.keys(vars ?? {}).filter((name) => !readme.includes(`\`${name}\``));
  expect(missing).toEqual([]);
});
