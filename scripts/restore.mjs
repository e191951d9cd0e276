// @ts-check
// npm run restore: makes a data folder from a backup.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { restore } = await import("./lib/backup/restore.mjs");
  return restore(process.argv.slice(2), process.env);
});
