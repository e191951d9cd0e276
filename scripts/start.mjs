// @ts-check
// npm start: installs what is missing, builds, migrates, and runs UIM on this machine until it is stopped.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { start } = await import("./lib/start.mjs");
  return start(process.argv.slice(2), process.env);
});
