// @ts-check
// npm run screenshots: pictures of the web client, desktop and phone, light and dark, from a server of its own.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { takeScreenshots } = await import("./lib/screenshots.mjs");
  return takeScreenshots(process.argv[2]);
});
