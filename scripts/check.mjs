// @ts-check
// npm run check: format, lint, types, and the rules of the house. Quick; changes nothing.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { check } = await import("./lib/check.mjs");
  return check();
});
