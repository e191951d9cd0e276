import type { Typing } from "../../src/protocol/frames/typing-indicator.ts";

/** Who is typing in a conversation, and until when it counts unless it is said again (TYPE-1). By user id. */
export type Typers = Readonly<Record<string, number>>;

export const NOBODY_TYPES: Typers = {};

/** Returns the same object if nothing has changed. */
export function takeTyping(typers: Typers, typing: Typing, now: number): Typers {
  if (typing.is_typing) return { ...typers, [typing.user_id]: now + typing.expires_in_ms };
  return withoutTyper(typers, typing.user_id);
}

/** Whoever has said something has stopped typing it. */
export function withoutTyper(typers: Typers, user_id: string): Typers {
  if (!Object.hasOwn(typers, user_id)) return typers;
  const { [user_id]: _, ...others } = typers;
  return others;
}

export function stillTyping(typers: Typers, now: number): Typers {
  const still = Object.entries(typers).filter(([, until]) => until > now);
  return still.length === Object.keys(typers).length ? typers : Object.fromEntries(still);
}

/** When the next one ends, or null. */
export function nextTypingEnd(typers: Typers): number | null {
  const ends = Object.values(typers);
  return ends.length === 0 ? null : Math.min(...ends);
}
