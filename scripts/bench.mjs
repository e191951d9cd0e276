// @ts-check
// npm run bench: drives a real server over real sockets and reports speed, latency, memory and cost; fails if a message
// was lost, doubled or reordered. See docs/performance.md, or npm run bench -- --help
import path from "node:path";
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { ROOT } = await import("./lib/paths.mjs");
  const { run } = await import("./lib/process.mjs");
  return run("node", [path.join(ROOT, "bench", "main.ts"), ...process.argv.slice(2)], { lifeline: true });
});
