/** A stretch of a log, both ends included. */
export interface Range {
  readonly from_seq: number;
  readonly to_seq: number;
}

/** Stretches of one log: ascending, apart from each other by at least one entry. */
export type Ranges = readonly Range[];

export const NOTHING: Ranges = [];

/** Returns the same object if the stretch was there already. */
export function addRange(ranges: Ranges, from_seq: number, to_seq: number): Ranges {
  if (from_seq > to_seq || covers(ranges, from_seq, to_seq)) return ranges;
  let from = from_seq;
  let to = to_seq;
  const before: Range[] = [];
  const after: Range[] = [];
  for (const range of ranges) {
    if (range.to_seq < from - 1) before.push(range);
    else if (range.from_seq > to + 1) after.push(range);
    else {
      from = Math.min(from, range.from_seq);
      to = Math.max(to, range.to_seq);
    }
  }
  return [...before, { from_seq: from, to_seq: to }, ...after];
}

export function addRanges(ranges: Ranges, others: Ranges): Ranges {
  return others.reduce((sum, { from_seq, to_seq }) => addRange(sum, from_seq, to_seq), ranges);
}

export function hasSeq(ranges: Ranges, seq: number): boolean {
  return covers(ranges, seq, seq);
}

function covers(ranges: Ranges, from_seq: number, to_seq: number): boolean {
  // What is asked for is nearly always at the end.
  const range = ranges.findLast((candidate) => candidate.from_seq <= from_seq);
  return range !== undefined && to_seq <= range.to_seq;
}

/** How many entries lie in them. */
export function countOf(ranges: Ranges): number {
  return ranges.reduce((sum, { from_seq, to_seq }) => sum + to_seq - from_seq + 1, 0);
}

/** Each entry that lies in them. */
export function seqsIn(ranges: Ranges): number[] {
  return ranges.flatMap(({ from_seq, to_seq }) =>
    Array.from({ length: to_seq - from_seq + 1 }, (_, index) => from_seq + index),
  );
}

/** The stretch that an entry lies in. */
export function rangeAt(ranges: Ranges, seq: number): Range | undefined {
  return ranges.find(({ from_seq, to_seq }) => from_seq <= seq && seq <= to_seq);
}

/** The last entry, or 0. */
export function topOf(ranges: Ranges): number {
  return ranges.at(-1)?.to_seq ?? 0;
}

/** Up to where everything after `after_seq` is there. */
export function runAfter(ranges: Ranges, after_seq: number): number {
  const range = ranges.findLast((candidate) => candidate.from_seq <= after_seq + 1);
  return range && range.to_seq > after_seq ? range.to_seq : after_seq;
}

/** What is missing of the entries with `after_seq < seq <= up_to_seq`. */
export function holesWithin(ranges: Ranges, after_seq: number, up_to_seq: number): Range[] {
  const holes: Range[] = [];
  let next = after_seq + 1;
  for (const { from_seq, to_seq } of ranges) {
    if (next > up_to_seq || from_seq > up_to_seq) break;
    if (from_seq > next) holes.push({ from_seq: next, to_seq: from_seq - 1 });
    next = Math.max(next, to_seq + 1);
  }
  if (next <= up_to_seq) holes.push({ from_seq: next, to_seq: up_to_seq });
  return holes;
}

/** What lies in both. */
export function overlapOf(ranges: Ranges, others: Ranges): Ranges {
  return ranges.flatMap((range) =>
    others.flatMap((other) => {
      const from_seq = Math.max(range.from_seq, other.from_seq);
      const to_seq = Math.min(range.to_seq, other.to_seq);
      return from_seq <= to_seq ? [{ from_seq, to_seq }] : [];
    }),
  );
}

/** The same without what lies before `from_seq`. */
export function cutBefore(ranges: Ranges, from_seq: number): Ranges {
  if ((ranges[0]?.from_seq ?? from_seq) >= from_seq) return ranges;
  return ranges
    .filter(({ to_seq }) => to_seq >= from_seq)
    .map((range) => (range.from_seq < from_seq ? { ...range, from_seq } : range));
}
