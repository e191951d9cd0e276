// @ts-check
// npm run demo: two people talk over a running server, one goes offline and comes back; then everything is checked.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { demo } = await import("./lib/demo/story.mjs");
  return demo(process.env.UIM_URL || "http://127.0.0.1:8787");
});
