import { once } from "node:events";
import { runLoad } from "./load.ts";
import type { LoadNews, LoadOrder } from "./run-in-process.ts";

/** The process that `runInProcess` forks: one job in, one result out. */
process.once("message", async (order: LoadOrder) => {
  if (!("job" in order)) throw new Error("a load process is given its job first");
  const result = await runLoad(order.job, {
    ready: () => tellAndWait({ event: "ready" }),
    settled: () => tellAndWait({ event: "settled" }),
    begin: () => tell({ event: "begin" }),
    end: () => tell({ event: "end" }),
  });
  tell({ event: "result", result }, () => process.exit(0));
});

// Nobody is left to report to.
process.once("disconnect", () => process.exit(1));

/** Resolves when the other side says go. */
async function tellAndWait(news: LoadNews): Promise<void> {
  const go = once(process, "message");
  tell(news);
  await go;
}

function tell(news: LoadNews, told?: () => void): void {
  process.send?.(news, undefined, undefined, told);
}
