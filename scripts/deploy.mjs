// @ts-check
// npm run deploy: builds the web client, migrates the remote database, then deploys to Cloudflare.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { deploy } = await import("./lib/deploy.mjs");
  return deploy(process.argv.slice(2), process.env);
});
