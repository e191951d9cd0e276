// @ts-check
// npm run dev: wrangler dev, which reloads on every change. Its data lies in .wrangler, apart from that of npm start.
// The web client is served as it was built; `npx vite web` serves it with reload, and asks this server for the API.
import fs from "node:fs";
import path from "node:path";
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";
import { ROOT } from "./lib/paths.mjs";
import { run } from "./lib/process.mjs";
import { newMasterKey } from "./lib/secrets.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const secretsFile = path.join(ROOT, ".dev.vars");
  if (!fs.existsSync(secretsFile)) {
    fs.writeFileSync(secretsFile, `MASTER_KEY="${newMasterKey()}"\n`, { mode: 0o600 });
  }
  const environment = `--env=${process.env.UIM_ENV ?? ""}`;
  // CI=true: wrangler applies without asking.
  const migrated = await run("wrangler", ["d1", "migrations", "apply", "DB", "--local", environment], {
    env: { CI: "true" },
  });
  if (migrated !== 0) return migrated;
  const { publishWeb } = await import("./lib/web.mjs");
  await publishWeb(() => console.log("Building the web client …"));
  return run("wrangler", ["dev", environment, ...process.argv.slice(2)]);
});
