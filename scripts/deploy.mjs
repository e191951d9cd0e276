// @ts-check
// npm run deploy: builds the web client, migrates the remote database, then deploys to Cloudflare.
import { bootstrap } from "./lib/bootstrap.mjs";
import { Failure, runMain } from "./lib/failure.mjs";
import { run } from "./lib/process.mjs";

/** What stands in wrangler.toml until someone has a database of their own. */
const NO_DATABASE_ID = "00000000-0000-0000-0000-000000000000";

const FIRST_STEPS = `wrangler.toml names no database yet. Once, before the first deployment:

  1. npx wrangler login
  2. npx wrangler d1 create uim         then put the database_id it prints into wrangler.toml
  3. npx wrangler secret put MASTER_KEY  with 32 random bytes in base64:
     node -p 'crypto.randomBytes(32).toString("base64")'

Then run this again.`;

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { readWorkerConfig } = await import("./lib/config.mjs");
  const { publishWeb } = await import("./lib/web.mjs");
  const environment = process.env.UIM_ENV || null;
  const rest = process.argv.slice(2);
  // It would be deployed there, and another one migrated.
  if (rest.some((argument) => /^(?:--env|-e)(?:=|$)/.test(argument)))
    throw new Failure("Name the environment in UIM_ENV, as in: UIM_ENV=v1 npm run deploy");
  const { databases } = readWorkerConfig(environment);
  if (databases.some((database) => database.id === NO_DATABASE_ID)) throw new Failure(FIRST_STEPS);
  const flag = `--env=${environment ?? ""}`;
  // First what may fail: once the database is migrated, the new Worker is to follow soon.
  console.log("1. Building the web client …");
  await publishWeb();
  console.log("2. Migrating the remote database …");
  const migrated = await run("wrangler", ["d1", "migrations", "apply", "DB", "--remote", flag]);
  if (migrated !== 0) return migrated;
  console.log("3. Deploying …");
  return run("wrangler", ["deploy", flag, ...rest]);
});
