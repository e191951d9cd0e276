/** How often something may be done that nobody waits for: a few times at once, then evenly spaced. */
export interface PaceRule {
  readonly interval_ms: number;
  readonly burst: number;
}

/** When the next doing would be on time, if all had been evenly spaced (Unix ms): the state of a pace (GCRA). */
export type Pace = number;

/** How long to wait before doing it once more; meanwhile more comes that goes with it. */
export function pauseLeft(pace: Pace, rule: PaceRule, now: number): number {
  return Math.max(0, pace - (rule.burst - 1) * rule.interval_ms - now);
}

/** It was done now, whether it was time or not: for all that did not wait, the next that does waits one interval at most. */
export function paced(pace: Pace, { interval_ms, burst }: PaceRule, now: number): Pace {
  return Math.min(Math.max(pace, now) + interval_ms, now + burst * interval_ms);
}
