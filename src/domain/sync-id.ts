/**
 * A `sync_id` is a number of changes within a generation of the data. A restored backup begins a new generation: what
 * devices saw after it was made is not in it, though its numbers come again.
 */
const CHANGES_PER_GENERATION = 2 ** 32;

/** A `sync_id` stays a safe integer. */
export const MAX_GENERATION = Math.floor(Number.MAX_SAFE_INTEGER / CHANGES_PER_GENERATION) - 1;

/** What a user's inbox knows of its generations. */
export interface Generation {
  readonly generation: number;
  /** Where the inbox stood when this generation began. */
  readonly restored_sync_id: number;
}

export const FIRST_GENERATION: Generation = { generation: 0, restored_sync_id: 0 };

export function firstSyncId(generation: number): number {
  return generation * CHANGES_PER_GENERATION;
}

function generationOf(sync_id: number): number {
  return Math.floor(sync_id / CHANGES_PER_GENERATION);
}

/** The generation that a restore begins; the same object if it is known. Never goes back. */
export function enterGeneration(known: Generation, generation: number, sync_id: number): Generation {
  return generation > known.generation ? { generation, restored_sync_id: sync_id } : known;
}

/**
 * Is `last_sync_id` a state of the inbox that its present one, `sync_id`, came from? Of an older generation that is so up
 * to where the backup was made; of one before that nobody can tell.
 */
export function isKnownSyncId(last_sync_id: number, known: Generation, sync_id: number): boolean {
  if (generationOf(last_sync_id) === known.generation) return last_sync_id <= sync_id;
  const { restored_sync_id } = known;
  return generationOf(last_sync_id) === generationOf(restored_sync_id) && last_sync_id <= restored_sync_id;
}
