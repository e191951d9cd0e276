import { countFaults } from "../client/faults.ts";
import type { Row } from "../scenario.ts";

/** Why a run has failed: what was lost, doubled, reordered or refused. Nothing if all went well. */
export function findFaults(rows: readonly Row[]): string[] {
  return rows.flatMap(({ key, load, faults = load?.faults }) => {
    const found: string[] = [];
    if (faults && countFaults(faults) > 0) {
      const { lost, doubled, reordered } = faults;
      found.push(`${key}: ${lost} lost, ${doubled} doubled, ${reordered} reordered`);
    }
    for (const refusal of load?.refusals ?? []) found.push(`${key}: ${refusal}`);
    if (load && load.acked === 0) found.push(`${key}: no message was acked`);
    return found;
  });
}
