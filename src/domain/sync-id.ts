/**
 * A `sync_id` is a number of changes within a generation of the data. A restored backup begins a new generation: what
 * devices saw after it was made is not in it, though its numbers come again.
 */
const CHANGES_PER_GENERATION = 2 ** 32;

/** A `sync_id` stays a safe integer. */
export const MAX_GENERATION = Math.floor(Number.MAX_SAFE_INTEGER / CHANGES_PER_GENERATION) - 1;

export function firstSyncId(generation: number): number {
  return generation * CHANGES_PER_GENERATION;
}

function generationOf(sync_id: number): number {
  return Math.floor(sync_id / CHANGES_PER_GENERATION);
}

/**
 * Is `last_sync_id` a state of the inbox that its present one, `sync_id`, came from? Of another generation that cannot be told: a
 * device goes on hearing what happens after the position it names, so that it may have heard what a restore has undone.
 */
export function isKnownSyncId(last_sync_id: number, sync_id: number): boolean {
  return generationOf(last_sync_id) === generationOf(sync_id) && last_sync_id <= sync_id;
}
