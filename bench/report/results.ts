import os from "node:os";
import { z } from "zod";
import type { Row } from "../scenario.ts";

export const spreadSchema = z.object({
  count: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});
export const faultsSchema = z.object({ lost: z.number(), doubled: z.number(), reordered: z.number() });

export const machineSchema = z.object({
  cpu: z.string(),
  cores: z.number(),
  memory_gib: z.number(),
  node: z.string(),
});

const rowSchema = z.object({
  key: z.string(),
  load: z
    .object({
      seconds: z.number(),
      acked: z.number(),
      delivered: z.number(),
      acked_in_all: z.number(),
      ack_ms: spreadSchema,
      delivery_ms: spreadSchema,
      faults: faultsSchema,
      refusals: z.array(z.string()),
      server_cpu_ms: z.number(),
      server_rss_bytes: z.number(),
      client_cpu: z.number(),
    })
    .exactOptional(),
  figures: z.record(z.string(), z.number()).exactOptional(),
  faults: faultsSchema.exactOptional(),
});

/** One run of the benchmark, as it is kept in JSON. */
export const resultsSchema = z.object({
  /** ISO 8601. */
  at: z.string(),
  machine: machineSchema,
  rows: z.array(rowSchema),
});
export type Results = z.infer<typeof resultsSchema>;

export function resultsOf(rows: readonly Row[], now: Date): Results {
  return resultsSchema.parse({ at: now.toISOString(), machine: describeMachine(), rows });
}

/** Where this runs. */
export function describeMachine(): z.infer<typeof machineSchema> {
  return {
    cpu: os.cpus()[0]?.model ?? "unknown",
    cores: os.cpus().length,
    memory_gib: Math.round(os.totalmem() / 2 ** 30),
    node: process.versions.node,
  };
}
