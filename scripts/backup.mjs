// @ts-check
// npm run backup: copies the data folder while the server runs.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { backUp } = await import("./lib/backup/backup.mjs");
  return backUp(process.argv.slice(2), process.env);
});
