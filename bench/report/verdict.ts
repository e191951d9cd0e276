import { countFaults } from "../client/faults.ts";
import type { Row } from "../scenario.ts";

/** Why a run has failed: what was lost, doubled, reordered, refused, dropped or did not come back. Nothing if all went well. */
export function findFaults(rows: readonly Row[]): string[] {
  return rows.flatMap(({ key, load, figures = {}, faults = load?.faults }) => {
    const found: string[] = [];
    if (faults && countFaults(faults) > 0) {
      const { lost, doubled, reordered } = faults;
      found.push(`${key}: ${lost} lost, ${doubled} doubled, ${reordered} reordered`);
    }
    for (const refusal of load?.refusals ?? []) found.push(`${key}: ${refusal}`);
    const { dropped = 0, devices = 0, back = devices } = figures;
    if (dropped > 0) found.push(`${key}: ${dropped} connections were dropped`);
    if (back < devices) found.push(`${key}: ${back} of ${devices} devices came back`);
    if (load && load.acked === 0) found.push(`${key}: no message was acked`);
    return found;
  });
}
