// @ts-check
// npm run types: generates the type of `env` (worker-configuration.d.ts) from wrangler.toml.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { ensureTypes } = await import("./lib/types.mjs");
  await ensureTypes();
  return 0;
});
