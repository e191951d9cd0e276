// @ts-check

const PAUSE_MS = 3_000;

/**
 * Prints how far long work has got, now and then; short work prints nothing.
 * @param {string} what
 * @returns {(done: number, all: number) => void}
 */
export function progressOf(what) {
  let next_at = performance.now() + PAUSE_MS;
  return (done, all) => {
    if (performance.now() < next_at) return;
    next_at = performance.now() + PAUSE_MS;
    console.log(`${what}: ${done} of ${all}`);
  };
}
