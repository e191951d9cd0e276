import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { buildSdk, SDK } from "../../../scripts/lib/build-sdk.mjs";

const exec = promisify(execFile);
const PACKAGES = path.join(SDK, "../node_modules");

/** A project far from the repository that has installed the SDK from its package, and what else `packages` names. */
export async function installSdk(packages: readonly string[] = []): Promise<string> {
  await buildSdk();
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "uim sdk ")));
  const { stdout } = await exec("npm", ["pack", "--json", "--pack-destination", folder], { cwd: SDK });
  const [packed] = JSON.parse(stdout);
  const target = path.join(folder, "node_modules/@uim/client");
  mkdirSync(target, { recursive: true });
  await exec("tar", ["-xzf", path.join(folder, packed.filename), "-C", target, "--strip-components=1"]);
  for (const name of ["zod", ...packages]) {
    symlinkSync(path.join(PACKAGES, name), path.join(folder, "node_modules", name));
  }
  return folder;
}
