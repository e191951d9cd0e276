import { cpuMs, rssBytes } from "../servers/usage.ts";
import type { LoadResult } from "./load-job.ts";
import { NumberLog } from "./number-log.ts";
import { spreadOf } from "./percentiles.ts";

type Measured = Omit<LoadResult, "faults" | "refusals" | "acked_in_all">;

/** The measured part of a run: what is noted before `begin` and after `end` does not count. */
export class Measurement {
  readonly #server_pid: number;
  readonly #acks = new NumberLog();
  readonly #deliveries = new NumberLog();
  #state: "before" | "running" | "after" = "before";
  #begun = { at: 0, server_cpu_ms: 0, client: process.cpuUsage() };
  #result: Omit<Measured, "acked" | "delivered" | "ack_ms" | "delivery_ms"> | null = null;

  constructor(server_pid: number) {
    this.#server_pid = server_pid;
  }

  begin(): void {
    this.#state = "running";
    this.#begun = {
      at: performance.now(),
      server_cpu_ms: cpuMs(this.#server_pid),
      client: process.cpuUsage(),
    };
  }

  end(): void {
    this.#state = "after";
    const elapsed_ms = performance.now() - this.#begun.at;
    const { user, system } = process.cpuUsage(this.#begun.client);
    this.#result = {
      seconds: elapsed_ms / 1000,
      server_cpu_ms: cpuMs(this.#server_pid) - this.#begun.server_cpu_ms,
      server_rss_bytes: rssBytes(this.#server_pid),
      client_cpu: (user + system) / 1000 / elapsed_ms,
    };
  }

  acked(latency_ms: number): void {
    if (this.#state === "running") this.#acks.push(latency_ms);
  }

  delivered(latency_ms: number): void {
    if (this.#state === "running") this.#deliveries.push(latency_ms);
  }

  result(): Measured {
    if (!this.#result) throw new Error("the measurement has not ended");
    return {
      ...this.#result,
      acked: this.#acks.length,
      delivered: this.#deliveries.length,
      ack_ms: spreadOf(this.#acks.values()),
      delivery_ms: spreadOf(this.#deliveries.values()),
    };
  }
}
