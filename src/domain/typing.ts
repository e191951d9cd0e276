/** After so long without another word of it nobody types any more (TYPE-1). */
export const TYPING_EXPIRES_MS = 5_000;

/** That somebody types is worth saying so often, in one conversation. */
const TYPING_INTERVAL_MS = 3_000;

/** What a user was last heard to do in a conversation. */
export interface TypingState {
  /** When it was last said to type. */
  readonly typed_at: number;
  readonly is_typing: boolean;
}

/**
 * What is to be passed on, or null: too soon, or nothing to end. That somebody has stopped passes right after the start, and
 * does not make the next start come sooner.
 */
export function admitTyping(
  known: TypingState | undefined,
  is_typing: boolean,
  now: number,
): TypingState | null {
  if (is_typing) {
    const isTooSoon = known !== undefined && now - known.typed_at < TYPING_INTERVAL_MS;
    return isTooSoon ? null : { typed_at: now, is_typing };
  }
  const isOver = !known?.is_typing || hasTypingExpired(known, now);
  return isOver ? null : { ...known, is_typing };
}

/** Of who was silent for so long nothing need be remembered. */
export function hasTypingExpired({ typed_at }: TypingState, now: number): boolean {
  return now - typed_at >= TYPING_EXPIRES_MS;
}
