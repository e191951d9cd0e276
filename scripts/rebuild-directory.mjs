// @ts-check
// npm run rebuild-directory: the directory in D1 is made anew from the objects, for which it is only a projection.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { rebuildDirectory } = await import("./lib/rebuild-directory.mjs");
  const { UIM_URL = "http://127.0.0.1:8787", UIM_TOKEN = "" } = process.env;
  return rebuildDirectory(UIM_URL, UIM_TOKEN);
});
