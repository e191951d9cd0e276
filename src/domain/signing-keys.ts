/** When a signing key came into being and from when it signs. Times are Unix milliseconds. */
export interface KeyTimes {
  readonly kid: string;
  readonly created_at: number;
  readonly signs_from: number;
}

export interface KeyRules {
  /** How long one key signs. */
  readonly signing_ms: number;
  /** How long a token of it can live. */
  readonly token_ms: number;
}

/** A new key is published so long before it signs, and an old one is kept so long after its last token: time for caches. */
export const PUBLICATION_LEAD_MS = 60 * 60 * 1000;

/**
 * The key that signs now: the youngest whose time has come. Before the time of the very first (another isolate made it,
 * by a clock that is ahead) it is that one.
 */
export function signingKeyAt<T extends KeyTimes>(keys: readonly T[], now: number): T | undefined {
  return youngest(keys.filter((key) => key.signs_from <= now)) ?? oldest(keys);
}

/** From when a new key would sign if one is due, otherwise null. The very first signs at once. */
export function nextKeySignsFrom(keys: readonly KeyTimes[], rules: KeyRules, now: number): number | null {
  const last = youngest(keys);
  if (!last) return now;
  const due = last.signs_from + rules.signing_ms - PUBLICATION_LEAD_MS;
  return now >= due ? now + PUBLICATION_LEAD_MS : null;
}

/** Keys that no living token can name any more. */
export function outlivedKeys(keys: readonly KeyTimes[], rules: KeyRules, now: number): string[] {
  return keys
    .filter((key) => {
      const successor = oldest(keys.filter((other) => other.signs_from > key.signs_from));
      return successor !== undefined && successor.signs_from + rules.token_ms + PUBLICATION_LEAD_MS <= now;
    })
    .map((key) => key.kid);
}

function youngest<T extends KeyTimes>(keys: readonly T[]): T | undefined {
  return keys.reduce<T | undefined>(
    (best, key) => (best && best.signs_from >= key.signs_from ? best : key),
    undefined,
  );
}

function oldest<T extends KeyTimes>(keys: readonly T[]): T | undefined {
  return keys.reduce<T | undefined>(
    (best, key) => (best && best.signs_from <= key.signs_from ? best : key),
    undefined,
  );
}
