/** Seeds that failed once, and what was wrong then; each was mended, and stays here. */
export const PINNED_SEEDS: readonly (readonly [seed: number, cause: string])[] = [];
