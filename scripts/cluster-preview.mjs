// @ts-check
// npm run cluster-preview: two nodes share their objects over a bucket, one is killed, the chat goes on.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { clusterPreview } = await import("./lib/cluster/preview.mjs");
  return clusterPreview(process.argv.slice(2), process.env);
});
// What a failure has left running would keep this process.
process.exit();
