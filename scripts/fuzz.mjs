// @ts-check
// npm run fuzz -- [--cases n] [--seed n]: generated and mutated input against every schema, route and frame.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { fuzz } = await import("./lib/fuzz.mjs");
  return fuzz(process.argv.slice(2));
});
