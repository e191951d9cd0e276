// @ts-check
// npm run faults [-- filter]: every fault of a real process at full size; docs/reliability.md says what each is.
import { bootstrap } from "./lib/bootstrap.mjs";
import { runMain } from "./lib/failure.mjs";

await runMain(async () => {
  const code = await bootstrap(import.meta.url);
  if (code !== null) return code;
  const { run } = await import("./lib/process.mjs");
  // The objects' own files are damaged and looked into with Node's SQLite, which warns that it is new.
  // One at a time: at full size each wants the machine for itself.
  const only = ["--project", "faults", "--no-file-parallelism"];
  return run("vitest", ["run", ...only, ...process.argv.slice(2)], {
    env: { FAULTS: "full", NODE_OPTIONS: "--disable-warning=ExperimentalWarning" },
  });
});
