// @ts-check
// Pauses the process named by its argument and never comes to an end by itself.
import fs from "node:fs";
import { whilePaused } from "../../scripts/lib/backup/pause.mjs";

await whilePaused(Number(process.argv[2]), 60_000, () => {
  fs.writeSync(1, "paused");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});
