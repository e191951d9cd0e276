/** How many cases each test tries; `npm run fuzz -- --cases` sets more. */
export const CASES = Number(process.env.FUZZ_CASES ?? 5_000);

/** The same cases every time, so that a change is judged by what it changed; `npm run fuzz` takes a new seed each time. */
export const SEED = Number(process.env.FUZZ_SEED ?? 20_261_124);

const SLOWEST_CASE_MS = 20;

/** For all cases, and the shrinking of one that failed. */
export const TIMEOUT_MS = 60_000 + CASES * SLOWEST_CASE_MS;
