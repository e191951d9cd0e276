import type { LoadJob, LoadResult } from "./client/load-job.ts";
import { medianBy } from "./client/percentiles.ts";
import { runInProcess } from "./client/run-in-process.ts";
import { recordProfile } from "./profile/record-profile.ts";
import type { BenchOptions, Row } from "./scenario.ts";

/** One thing to measure. */
export interface Variant {
  readonly key: string;
  readonly job: LoadJob;
  /** Nothing is judged by it, so one run will do. */
  readonly once?: boolean;
  /** Where the server's inspector listens, if it can be profiled. */
  readonly inspector_port?: number | undefined;
}

/**
 * Runs the variants in turn, and again, so that what else the machine does meets each of them alike. A row is the median of
 * its repetitions: by throughput, or where the rate is given, by the slowest acks.
 */
export async function runInterleaved(variants: readonly Variant[], options: BenchOptions): Promise<Row[]> {
  const wanted = variants.filter(({ key }) => options.wants(key));
  const results = new Map<string, LoadResult[]>(wanted.map(({ key }) => [key, []]));
  for (let repetition = 0; repetition < options.repetitions; repetition++) {
    for (const variant of wanted.filter(({ once }) => !once || repetition === 0)) {
      const load = await runOne(variant, options);
      options.log(`  ${variant.key}: ${summaryOf(load)}`);
      results.get(variant.key)?.push(load);
    }
  }
  return wanted.map(({ key, job }) => ({ key, load: worstFaults(results.get(key) ?? [], job) }));
}

function runOne({ key, job, inspector_port }: Variant, { profile, log }: BenchOptions): Promise<LoadResult> {
  if (profile === null || inspector_port === undefined) return runInProcess(job);
  return recordProfile({ port: inspector_port, folder: profile, name: key, log }, (events) =>
    runInProcess(job, events),
  );
}

/** The median run, but a fault of any run is a fault of the row. */
function worstFaults(loads: readonly LoadResult[], { pace }: LoadJob): LoadResult {
  const median = medianBy(loads, "window" in pace ? throughput : ({ ack_ms }) => ack_ms.p99);
  const faulty = loads.find(({ faults, refusals }) => hasFaults(faults) || refusals.length > 0);
  return faulty ? { ...median, faults: faulty.faults, refusals: faulty.refusals } : median;
}

function hasFaults({ lost, doubled, reordered }: LoadResult["faults"]): boolean {
  return lost + doubled + reordered > 0;
}

function throughput({ acked, delivered, seconds }: LoadResult): number {
  return (acked + delivered) / seconds;
}

function summaryOf({ acked, delivered, seconds, ack_ms, server_cpu_ms, client_cpu }: LoadResult): string {
  return [
    `${(acked / seconds).toFixed(0)} messages/s`,
    `${(delivered / seconds).toFixed(0)} deliveries/s`,
    `ack p50 ${ack_ms.p50.toFixed(1)} ms, p99 ${ack_ms.p99.toFixed(1)} ms`,
    `server ${((server_cpu_ms * 1000) / Math.max(1, acked)).toFixed(0)} µs CPU a message`,
    `client ${(client_cpu * 100).toFixed(0)} % of a core`,
  ].join(", ");
}
