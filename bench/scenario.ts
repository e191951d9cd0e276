import type { Faults } from "./client/faults.ts";
import type { LoadJob, LoadResult } from "./client/load-job.ts";

/** How the benchmark is to run. */
export interface BenchOptions {
  /** Shorter times and smaller crowds: to see that it works. */
  readonly quick: boolean;
  /** How often each variant is run; the median is reported. */
  readonly repetitions: number;
  /** How long the server is warmed up, and then measured. */
  readonly times: Pick<LoadJob, "warm_up_ms" | "measure_ms">;
  /** The folder for CPU profiles of the server; null for none. */
  readonly profile: string | null;
  /** Is a row of this key asked for? */
  readonly wants: (key: string) => boolean;
  readonly log: (line: string) => void;
}

/** One line of the report. */
export interface Row {
  /** What the row is known by, in the JSON and to the targets: scenario/variant/…, as in "one-to-one/conversation/32". */
  readonly key: string;
  readonly load?: LoadResult;
  /** What a load does not have, by name. */
  readonly figures?: Readonly<Record<string, number>>;
  /** Of a row without a load, if messages went about. */
  readonly faults?: Faults;
}

export interface Scenario {
  readonly name: string;
  readonly title: string;
  run(options: BenchOptions): Promise<Row[]>;
}
