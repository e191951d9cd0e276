import type { Marks } from "./marks.ts";

/** What a member keeps from the others. */
export interface Discretion {
  /** It has not accepted the conversation: the others do not learn whether it got anything. */
  readonly is_request: boolean;
}

const NOTHING_SHOWN = { delivered_seq: 0, read_seq: 0 } as const;

/** A member's marks as the others may know them. */
export function shownMarks<T extends Marks>(marks: T, { is_request }: Discretion): T {
  return is_request ? { ...marks, ...NOTHING_SHOWN } : marks;
}
