// @ts-check
// npm test: installs what is missing and runs every test; further arguments go to vitest (npm test -- --project domain).
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { test } = await import("./lib/test.mjs");
  return test(process.argv.slice(2));
});
