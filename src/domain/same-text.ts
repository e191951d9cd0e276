/** So long a text is remembered as sent. */
export const SAME_TEXT_MS = 10 * 60_000;

/** Shorter texts are what everybody says: "ok", "thanks". */
const MIN_CHARS = 8;

/** What a text begins with tells it from others. */
const COMPARED_CHARS = 1_000;

const NEITHER_LETTER_NOR_DIGIT = /[^\p{L}\p{N}]+/gu;

/**
 * What makes two texts the same: letters and digits alone, without regard to case and to how they are composed, so that neither
 * spaces nor what is invisible tells copies apart. Null for a text that is too short to count.
 */
export function sameTextKey(content: string): string | null {
  if (content.length < MIN_CHARS) return null;
  const beginning = content.slice(0, COMPARED_CHARS).normalize("NFKC").toLowerCase();
  const key = beginning.replace(NEITHER_LETTER_NOR_DIGIT, "");
  return [...key.slice(0, 2 * MIN_CHARS)].length < MIN_CHARS ? null : key;
}

/** To which conversations a text went, and when last. */
export type Recipients = ReadonlyMap<string, number>;

export interface TextAdmission {
  readonly recipients: Recipients;
  /** 0 if it may go there; otherwise when it may. */
  readonly retry_after_ms: number;
}

/** Sends a text to a conversation, unless it went to `max` others lately. */
export function admitText(
  known: Recipients | undefined,
  conversation_id: string,
  max: number,
  now: number,
): TextAdmission {
  const recent = new Map([...(known ?? [])].filter(([, at]) => now - at < SAME_TEXT_MS));
  if (recent.size >= max && !recent.has(conversation_id)) {
    const times = [...recent.values()].toSorted((a, b) => b - a);
    // Until then so many of them are forgotten that one is free.
    const freed_at = (times[max - 1] ?? now) + SAME_TEXT_MS;
    return { recipients: recent, retry_after_ms: Math.max(1, freed_at - now) };
  }
  return { recipients: recent.set(conversation_id, now), retry_after_ms: 0 };
}
