import {
  addRange,
  hasSeq,
  holesWithin,
  NOTHING,
  type Range,
  type Ranges,
  runAfter,
  topOf,
} from "./ranges.ts";

/**
 * What a device has received of one conversation. Everything after `base` is its to receive; what lies before it was
 * there before the device, and is only read when somebody looks. `base` is null until the server has said where it begins: the
 * first entry that it pushes is the first one the device lacks (DLV-1).
 */
export interface Position {
  readonly base: number | null;
  readonly received: Ranges;
  /** The furthest entry that was spoken of. */
  readonly announced_seq: number;
}

export const NO_POSITION: Position = { base: null, received: NOTHING, announced_seq: 0 };

/** Entries have come. Returns the same object if they were there (DLV-4). */
export function receive(position: Position, from_seq: number, to_seq: number): Position {
  const received = addRange(position.received, from_seq, to_seq);
  return received === position.received ? position : { ...position, received };
}

export function hasReceived(position: Position, seq: number): boolean {
  return hasSeq(position.received, seq);
}

/** The server pushes from here on. What is known already stays so. */
export function beginAt(position: Position, first_seq: number): Position {
  return position.base === null ? { ...position, base: first_seq - 1 } : position;
}

/** Nothing before this entry is waited for any more: it is not to be read, or not worth it. */
export function skipTo(position: Position, first_seq: number): Position {
  const base = first_seq - 1;
  return position.base !== null && position.base >= base ? position : { ...position, base };
}

/** Entries were announced and will not be pushed (`SYNC_GAP`). */
export function announce(position: Position, gap: Range): Position {
  const begun = beginAt(position, gap.from_seq);
  return gap.to_seq > begun.announced_seq ? { ...begun, announced_seq: gap.to_seq } : begun;
}

/** Up to where everything is there: what may be acknowledged. Null if nothing is known yet. */
export function contiguousSeq({ base, received }: Position): number | null {
  return base === null ? null : runAfter(received, base);
}

/** What was missed and has to be fetched. */
export function holesOf({ base, received, announced_seq }: Position): Range[] {
  if (base === null) return [];
  return holesWithin(received, base, Math.max(announced_seq, topOf(received)));
}
