/** Seeds that failed once, and what was wrong then; each was mended, and stays here. */
export const PINNED_SEEDS: readonly (readonly [seed: number, cause: string])[] = [
  [12, "an alarm was asked for at Infinity, which the platform refuses"],
  [1948, "an inbox row came after the messages that bear its sync_id, and a cut in between lost it"],
  [2215, "the same, for the second device of its user"],
  [2695, "the same, where the read mark came with the first hand-over"],
];
