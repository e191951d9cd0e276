import { z } from "zod";

const nodeSchema = z.object({
  id: z.number(),
  callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
  children: z.array(z.number()).optional(),
});

/** The answer to CDP's Profiler.stop; what is not read here is kept for the file. */
export const cpuProfileSchema = z.object({
  profile: z.looseObject({
    nodes: z.array(z.looseObject(nodeSchema.shape)),
    samples: z.array(z.number()),
    timeDeltas: z.array(z.number()),
  }),
});

type CpuProfile = z.infer<typeof cpuProfileSchema>["profile"];

export interface FunctionTime {
  readonly where: string;
  /** Of all samples but the idle ones. */
  readonly self_percent: number;
}

/** The functions that the processor was in most, without what they called. */
export function topFunctions({ nodes, samples, timeDeltas }: CpuProfile, count: number): FunctionTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, describe(callFrame)]));
  const times = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const where = names.get(id) ?? "?";
    times.set(where, (times.get(where) ?? 0) + (timeDeltas[index] ?? 0));
  }
  times.delete("(idle)");
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  return [...times]
    .sort(([, left], [, right]) => right - left)
    .slice(0, count)
    .map(([where, time]) => ({ where, self_percent: (time / total) * 100 }));
}

function describe({ functionName, url, lineNumber }: z.infer<typeof nodeSchema>["callFrame"]): string {
  const name = functionName || "(anonymous)";
  return url === "" ? name : `${name}  ${url.split("/").at(-1)}:${lineNumber + 1}`;
}
