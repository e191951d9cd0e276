// @ts-check
// npm run soak: an hour of mixed traffic against a real server; memory, files and latency by the minute; fails if a message
// was lost, doubled or reordered, or an unread count is wrong. See docs/reliability.md, or npm run soak -- --help
import path from "node:path";
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { ROOT } = await import("./lib/paths.mjs");
  const { run } = await import("./lib/process.mjs");
  return run("node", [path.join(ROOT, "bench", "soak", "main.ts"), ...process.argv.slice(2)], {
    lifeline: true,
  });
});
