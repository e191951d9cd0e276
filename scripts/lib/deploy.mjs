// @ts-check
import { readWorkerConfig } from "./config.mjs";
import { Failure } from "./failure.mjs";
import { run } from "./process.mjs";
import { publishWeb } from "./web.mjs";

/** What stands in wrangler.toml until someone has a database of their own. */
const NO_DATABASE_ID = "00000000-0000-0000-0000-000000000000";

/**
 * Builds the web client, migrates the remote database and deploys to Cloudflare. Resolves to the exit code.
 * @param {readonly string[]} args for `wrangler deploy`
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
export async function deploy(args, env) {
  const environment = env.UIM_ENV || null;
  // It would be deployed there, and another one migrated.
  if (args.some((argument) => /^(?:--env|-e)(?:=|$)/.test(argument)))
    throw new Failure("Name the environment in UIM_ENV, as in: UIM_ENV=v1 npm run deploy");
  const { databases } = readWorkerConfig(environment);
  if (databases.some((database) => database.id === NO_DATABASE_ID))
    throw new Failure(firstSteps(environment));
  const flag = `--env=${environment ?? ""}`;
  // First what may fail: once the database is migrated, the new Worker is to follow soon.
  console.log("1. Building the web client …");
  await publishWeb();
  console.log("2. Migrating the remote database …");
  const migrated = await run("wrangler", ["d1", "migrations", "apply", "DB", "--remote", flag]);
  if (migrated !== 0) return migrated;
  console.log("3. Deploying …");
  return run("wrangler", ["deploy", flag, ...args]);
}

/**
 * What to do once, before the first deployment. Each environment is a Worker of its own, with its own database and secrets.
 * @param {string | null} environment
 */
export function firstSteps(environment) {
  const inEnvironment = environment === null ? "" : `env.${environment}.`;
  const flag = environment === null ? "" : ` --env ${environment}`;
  return `[[${inEnvironment}d1_databases]] of wrangler.toml names no database yet. Once, before the first deployment:

  1. npx wrangler login
  2. npx wrangler d1 create ${environment === null ? "uim" : `uim-${environment}`}
     then put the database_id that it prints there
  3. npx wrangler secret put MASTER_KEY${flag}
     with 32 random bytes in base64: node -p 'crypto.randomBytes(32).toString("base64")'

Then run this again.`;
}
