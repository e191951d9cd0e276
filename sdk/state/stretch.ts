import { rangeAt } from "../sync/ranges.ts";
import type { MessageLog } from "./message-log.ts";

/** The part of a log that is shown, both ends included. `to_seq` is null where it goes on with whatever comes. */
export interface Stretch {
  readonly from_seq: number;
  readonly to_seq: number | null;
}

/** So many messages are shown at once, however far somebody pages: what a screen does with each would add up otherwise. */
export const MAX_SHOWN = 1_000;

/**
 * Up to so many messages before and after `seq`, as far as there is no hole. It goes on with whatever comes if it reaches `head_seq`,
 * the newest entry that is known of. Null if nothing is known there.
 */
export function stretchAt(
  { log, head_seq }: { readonly log: MessageLog; readonly head_seq: number },
  seq: number,
  before: number,
  after: number,
): Stretch | null {
  const range = rangeAt(log.held, seq);
  if (!range) return null;
  const messages = log.between(range.from_seq, range.to_seq);
  const found = messages.findIndex((message) => message.seq >= seq);
  const at = found < 0 ? messages.length : found;
  const first = at > before ? messages[at - before] : undefined;
  const next = messages[at + after];
  const end_seq = range.to_seq >= head_seq ? null : range.to_seq;
  return { from_seq: first?.seq ?? range.from_seq, to_seq: next ? next.seq - 1 : end_seq };
}

export function isWithin({ from_seq, to_seq }: Stretch, seq: number): boolean {
  return from_seq <= seq && (to_seq === null || seq <= to_seq);
}
