// @ts-check
// npm run build: builds the server once, for services that start it with --built.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { buildRelease } = await import("./lib/release.mjs");
  return buildRelease(process.env);
});
