// @ts-check
import fs from "node:fs";
import path from "node:path";
import { parse } from "smol-toml";
import { ConfigError, parseConfig } from "../../src/config.ts";
import { Failure } from "./failure.mjs";
import { ROOT } from "./paths.mjs";

/**
 * What wrangler.toml says, as far as running without wrangler needs it.
 * @typedef {object} WorkerConfig
 * @property {string | null} environment which `[env.…]`; null is the top level
 * @property {string} compatibilityDate
 * @property {string[]} compatibilityFlags
 * @property {Record<string, unknown>} vars
 * @property {string[]} secrets
 * @property {{ binding: string, className: string }[]} objects
 * @property {{ binding: string, name: string, id: string, migrationsDir: string }[]} databases
 * @property {string[]} crons
 * @property {AssetsConfig | null} assets
 */

/**
 * Static files, and which paths are for the Worker first.
 * @typedef {object} AssetsConfig
 * @property {string} directory
 * @property {string} notFoundHandling
 * @property {string[]} runWorkerFirst
 */

/**
 * The keys of wrangler.toml that are read here.
 * @typedef {object} RawConfig
 * @property {string} [compatibility_date]
 * @property {string[]} [compatibility_flags]
 * @property {Record<string, unknown>} [vars]
 * @property {{ required?: string[] }} [secrets]
 * @property {{ bindings?: { name: string, class_name: string }[] }} [durable_objects]
 * @property {{ binding: string, database_name: string, database_id?: string, migrations_dir?: string }[]} [d1_databases]
 * @property {{ crons?: string[] }} [triggers]
 * @property {{ directory?: string, not_found_handling?: string, run_worker_first?: string[] }} [assets]
 * @property {Record<string, RawConfig>} [env]
 */

/**
 * Reads wrangler.toml, the single source of the configuration. It is parsed here rather than by wrangler, whose import
 * alone takes two seconds.
 * @param {string | null} environment the `[env.…]` to use; null for the top level
 * @param {string} [file]
 * @returns {WorkerConfig}
 */
export function readWorkerConfig(environment, file = path.join(ROOT, "wrangler.toml")) {
  const top = /** @type {RawConfig} */ (parse(fs.readFileSync(file, "utf8")));
  const chosen = environment === null ? top : top.env?.[environment];
  if (!chosen) {
    const known = Object.keys(top.env ?? {}).join(", ") || "none";
    throw new Failure(
      `There is no [env.${environment}] in wrangler.toml (known: ${known}). Set UIM_ENV to one of these or unset it.`,
    );
  }
  // Bindings, vars and secrets are not inherited by an environment, the rest is: wrangler's own rule.
  const inherited = { ...top, ...chosen };
  return {
    environment,
    compatibilityDate: inherited.compatibility_date ?? "",
    compatibilityFlags: inherited.compatibility_flags ?? [],
    vars: chosen.vars ?? {},
    secrets: chosen.secrets?.required ?? [],
    objects: (chosen.durable_objects?.bindings ?? []).map((object) => ({
      binding: object.name,
      className: object.class_name,
    })),
    databases: (chosen.d1_databases ?? []).map((database) => ({
      binding: database.binding,
      name: database.database_name,
      id: database.database_id ?? "",
      migrationsDir: path.join(path.dirname(file), database.migrations_dir ?? "migrations"),
    })),
    crons: inherited.triggers?.crons ?? [],
    assets: inherited.assets
      ? {
          directory: path.join(path.dirname(file), inherited.assets.directory ?? ""),
          notFoundHandling: inherited.assets.not_found_handling ?? "none",
          runWorkerFirst: inherited.assets.run_worker_first ?? [],
        }
      : null,
  };
}

/**
 * Fails, in words, if the Worker could not use a variable or a secret: it would start, and answer with an error
 * whatever it is asked.
 * @param {Readonly<Record<string, unknown>>} variables
 */
export function checkVariables(variables) {
  try {
    parseConfig(variables);
  } catch (error) {
    if (error instanceof ConfigError)
      throw new Failure(`${error.message}. The README explains each variable.`);
    throw error;
  }
}
