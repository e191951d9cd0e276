// @ts-check
// npm run simulate: the objects on a simulated platform, under faults; -- --seeds 2000 [--from 1], or -- --seed 17 for a trace.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { simulate } = await import("./lib/simulate.mjs");
  return simulate(process.argv.slice(2));
});
