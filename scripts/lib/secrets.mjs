// @ts-check
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { shortPath } from "./paths.mjs";
import { replaceFile } from "./replace-file.mjs";

/** In the data folder. */
export const SECRETS_FILE = "secrets.json";

const KEY_BYTES = 32;

/** The key that wraps the signing keys: random bytes, base64. */
export function newMasterKey() {
  return randomBytes(KEY_BYTES).toString("base64");
}

/**
 * The secrets the Worker requires: from the environment, else from `secrets.json` in the data folder, which is made
 * there with a MASTER_KEY of its own. The key belongs to the data: without it the sessions in there end.
 * @param {readonly string[]} names
 * @param {string} dataDir
 * @param {NodeJS.ProcessEnv} env
 * @returns {Record<string, string>}
 */
export function resolveSecrets(names, dataDir, env) {
  const file = path.join(dataDir, SECRETS_FILE);
  /** @type {Record<string, string>} */
  const secrets = {};
  for (const name of names) {
    const value = env[name] || storedSecrets(file)[name] || (name === "MASTER_KEY" && storeMasterKey(file));
    if (!value) throw new Failure(`The secret ${name} is missing. Set the environment variable ${name}.`);
    secrets[name] = value;
  }
  return secrets;
}

/**
 * @param {string} file
 * @returns {Record<string, string>}
 */
function storedSecrets(file) {
  if (!fs.existsSync(file)) return {};
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    const cause = error instanceof Error ? error.message : error;
    throw new Failure(
      `${shortPath(file)} cannot be read: ${cause}. Mend that, or restore it from a backup of the data folder.`,
    );
  }
}

/** @param {string} file */
function storeMasterKey(file) {
  const key = newMasterKey();
  const secrets = { ...storedSecrets(file), MASTER_KEY: key };
  // What is wrapped with the key is on disk as soon as it is committed: so must the key be.
  replaceFile(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return key;
}
