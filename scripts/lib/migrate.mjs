// @ts-check
import fs from "node:fs";
import path from "node:path";
import { databaseConfig } from "./capnp.mjs";
import { Failure } from "./failure.mjs";
import { shortPath } from "./paths.mjs";
import { spawnWorkerd } from "./workerd.mjs";

/** Where and how wrangler keeps account of migrations; the same here, so that both agree about a database. */
const LEDGER = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/** @typedef {{ results: Record<string, unknown>[] }[] | { error: string }} Answer a result a statement, or why not */

/** @typedef {(statements: string[]) => Promise<Record<string, unknown>[]>} Query runs all or nothing; rows of the last */

/**
 * Brings a database up to date before anyone is served. Each migration is one transaction.
 * @param {object} plan
 * @param {string} plan.database
 * @param {string} plan.migrationsDir
 * @param {string} plan.dataDir where the config file is written
 * @param {string} plan.stateDir
 * @param {"inherit" | "ignore" | number} plan.output
 * @returns {Promise<string[]>} the migrations that were applied now
 */
export async function migrate({ database, migrationsDir, dataDir, stateDir, output }) {
  const configFile = path.join(dataDir, "migrate.capnp");
  fs.writeFileSync(configFile, databaseConfig({ database, stateDir }));
  const workerd = await spawnWorkerd(configFile, { sockets: ["sql"], output });
  try {
    return await migrateAt(workerd.ports.get("sql") ?? 0, migrationsDir);
  } finally {
    await workerd.stop();
  }
}

/**
 * The same for a database that is being served already, on a port for plain SQL.
 * @param {number} port
 * @param {string} migrationsDir
 * @returns {Promise<string[]>}
 */
export function migrateAt(port, migrationsDir) {
  return applyPending(queryAt(port), migrationsDir);
}

/**
 * @param {Query} query
 * @param {string} migrationsDir
 */
async function applyPending(query, migrationsDir) {
  const rows = await query([LEDGER, 'SELECT name FROM "d1_migrations" ORDER BY id']);
  const applied = new Set(rows.map((row) => String(row.name)));
  const known = migrationFiles(migrationsDir);
  const unknown = [...applied].filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Failure(
      `The data folder was written by another version of UIM: its database has ${unknown.join(", ")}, which is not in ` +
        `${shortPath(migrationsDir)}. Run that version, or start with another folder (--data).`,
    );
  }
  const pending = known.filter((name) => !applied.has(name));
  for (const name of pending) await applyOne(query, migrationsDir, name);
  return pending;
}

/**
 * @param {Query} query
 * @param {string} migrationsDir
 * @param {string} name
 */
async function applyOne(query, migrationsDir, name) {
  const sql = fs.readFileSync(path.join(migrationsDir, name), "utf8");
  const statements = sql.split("--> statement-breakpoint");
  const record = `INSERT INTO "d1_migrations" (name) VALUES ('${name.replaceAll("'", "''")}')`;
  try {
    await query([...statements, record]);
  } catch (error) {
    throw new Failure(
      `The migration ${name} failed, and nothing of it was applied: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** @param {string} migrationsDir */
function migrationFiles(migrationsDir) {
  if (!fs.existsSync(migrationsDir)) return [];
  const files = fs.readdirSync(migrationsDir).filter((name) => name.endsWith(".sql"));
  return files.sort();
}

/**
 * The bundled D1 speaks JSON over HTTP: an array of statements is one transaction.
 * @param {number} port
 * @returns {Query}
 */
function queryAt(port) {
  return async (statements) => {
    const response = await fetch(`http://127.0.0.1:${port}/query`, {
      method: "POST",
      body: JSON.stringify(statements.map((sql) => ({ sql }))),
    });
    /** @type {Answer} */
    const answer = JSON.parse(await response.text());
    if (!Array.isArray(answer)) throw new Error(answer.error);
    return answer.at(-1)?.results ?? [];
  };
}
