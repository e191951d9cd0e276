import { fork } from "node:child_process";
import path from "node:path";
import type { LoadJob, LoadResult } from "./load-job.ts";

const LOAD_PROCESS = path.join(import.meta.dirname, "load-process.ts");

/** What is done while a load runs. */
export interface LoadEvents {
  /** Everyone is connected; the sending waits for this. */
  readonly onReady?: () => Promise<void>;
  /** The measured part begins. */
  readonly onBegin?: () => void;
  readonly onEnd?: () => void;
  /** Nothing more comes of what was sent; the sockets stay open for this. */
  readonly onSettled?: () => Promise<void>;
}

/** What a load process says. */
export type LoadNews =
  | { readonly event: "ready" }
  | { readonly event: "settled" }
  | { readonly event: "begin" }
  | { readonly event: "end" }
  | { readonly event: "result"; readonly result: LoadResult };

/** What it is told: first its job, and, when it has said that it waits, to go. */
export type LoadOrder = { readonly job: LoadJob } | { readonly go: true };

/** Runs a job in a process of its own, whose CPU is then the client's and nothing else's. */
export function runInProcess(job: LoadJob, events: LoadEvents = {}): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const child = fork(LOAD_PROCESS, { stdio: "inherit" });
    const order = (what: LoadOrder) => child.send(what);
    child.on("message", (news: LoadNews) => {
      const go = (done: Promise<void> | undefined) =>
        Promise.resolve(done).then(() => order({ go: true }), reject);
      if (news.event === "ready") void go(events.onReady?.());
      else if (news.event === "settled") void go(events.onSettled?.());
      else if (news.event === "begin") events.onBegin?.();
      else if (news.event === "end") events.onEnd?.();
      else resolve(news.result);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the load process ended with ${code} and no result`)));
    order({ job });
  });
}
