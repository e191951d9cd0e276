import { expect } from "vitest";
import { z } from "zod";

const lineSchema = z.object({ level: z.string(), msg: z.string() });

/** Fails on a line that tells of an error of ours, and on whatever is not ours to write: the runtime's own complaints. */
export function expectQuietLog(log: string): void {
  const loud = log.split("\n").filter((line) => line !== "" && !isQuiet(line));
  expect(loud).toEqual([]);
}

function isQuiet(line: string): boolean {
  try {
    return lineSchema.parse(JSON.parse(line)).level !== "error";
  } catch {
    return false;
  }
}
